# SPDX-License-Identifier: Apache-2.0
"""The CDK CLI as a user runs it; its output goes to a log file and, line by line, to the display."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.errors import DemoError
from demo.paths import CDK_CLI, ROOT

STACK = "OtelSolutionStack"
LAST_LINES = 12  # of the log, shown when the CLI fails

OnLine = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Application:
    """The CDK application with one choice of context values.

    Attributes
    ----------
    output
        Folder of ``cdk.log``, ``outputs.json`` and, while the CLI runs, its temporary files.
    assembly
        Folder of the synthesized application.
    context
        Context values by name, as ``-c name=value`` sets them.
    """

    output: Path
    assembly: Path
    context: Mapping[str, str] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        """All output of the CLI."""
        return self.output / "cdk.log"

    @property
    def stack(self) -> str:
        """Name of the main stack."""
        return self.context.get("stack_name", STACK)

    def prepare(self, environment: str, on_line: OnLine) -> None:
        """Bootstrap the environment and synthesize the application, both at once: neither needs the other."""
        with self._synthesizing() as synthesizing, self._bootstrapping(environment) as bootstrapping:
            self._finish(bootstrapping, "cdk bootstrap", on_line)
            self._finish(synthesizing, "cdk synth", on_line)

    def synthesize(self, on_line: OnLine) -> None:
        """Synthesize the application, which creates nothing."""
        with self._synthesizing() as process:
            self._finish(process, "cdk synth", on_line)

    def bootstrap(self, environment: str, on_line: OnLine) -> None:
        """Bootstrap the environment."""
        with self._bootstrapping(environment) as process:
            self._finish(process, "cdk bootstrap", on_line)

    def templates(self) -> dict[str, dict[str, Any]]:
        """Return the template of each synthesized stack by the stack's name."""
        suffix = ".template.json"
        files = self.assembly.glob(f"*{suffix}")
        return {file.name.removesuffix(suffix): json.loads(file.read_text()) for file in sorted(files)}

    def deploy(self, on_line: OnLine) -> dict[str, dict[str, str]]:
        """Deploy every stack of the synthesized application; return the outputs by stack and name."""
        outputs = self.output / "outputs.json"
        arguments = ["--require-approval", "never", "--progress", "events", "--outputs-file", str(outputs)]
        self._run("deploy", *arguments, on_line=on_line)
        by_stack: dict[str, dict[str, str]] = json.loads(outputs.read_text())
        return by_stack

    def destroy(self, on_line: OnLine) -> None:
        """Destroy every stack."""
        self._run("destroy", "--force", on_line=on_line)

    def _synthesizing(self) -> AbstractContextManager[subprocess.Popen[str]]:
        chosen = [word for name, value in self.context.items() for word in ("-c", f"{name}={value}")]
        app = f'"{sys.executable}" app.py'
        return self._started("synth", "--quiet", "--output", str(self.assembly), "--app", app, *chosen)

    def _bootstrapping(self, environment: str) -> AbstractContextManager[subprocess.Popen[str]]:
        # From a folder without cdk.json: the CLI would synthesize the application here too.
        return self._started("bootstrap", environment, folder=self.output)

    def _run(self, command: str, *arguments: str, on_line: OnLine) -> None:
        """Run a command of the CLI over every stack."""
        with self._started(command, "--all", "--app", str(self.assembly), *arguments) as process:
            self._finish(process, f"cdk {command}", on_line)

    @contextlib.contextmanager
    def _started(self, *arguments: str, folder: Path = ROOT) -> Iterator[subprocess.Popen[str]]:
        """Start the CLI with a temporary directory of its own; when the block ends, neither stays."""
        self.output.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.output, ignore_cleanup_errors=True) as temp:
            process = start(*arguments, folder=folder, temp=Path(temp))
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.terminate()
                    process.wait()

    def _finish(self, process: subprocess.Popen[str], what: str, on_line: OnLine) -> None:
        """Follow a started CLI to its end.

        Raises
        ------
        DemoError
            When it fails, with its last lines.
        """
        lines: list[str] = []
        assert process.stdout is not None  # noqa: S101  (start() pipes it)
        with self.log.open("a") as log:
            for line in process.stdout:
                log.write(line)
                if line.strip():
                    lines.append(line.rstrip())
                    on_line(line.strip())
        if process.wait() != 0:
            tail = "\n".join(lines[-LAST_LINES:])
            raise DemoError(
                f"{what} failed with exit code {process.returncode}; the whole log is {self.log}.\n{tail}"
            )


def start(*arguments: str, folder: Path, temp: Path) -> subprocess.Popen[str]:
    """Start the CDK CLI with these arguments in a folder; both its streams arrive as one."""
    if not CDK_CLI.exists():
        raise DemoError(f"The CDK CLI is missing at {CDK_CLI}: run make setup.")
    return subprocess.Popen(
        [str(CDK_CLI), *arguments, "--ci", "--no-color", "--no-notices"],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(temp)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        process_group=0,  # Ctrl-C is for us: we end the CLI, or let it finish
    )


def environment_name(sts: Any) -> str:
    """Return ``aws://<account>/<region>`` of the credentials in use."""
    return f"aws://{sts.get_caller_identity()['Account']}/{sts.meta.region_name}"
