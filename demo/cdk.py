# SPDX-License-Identifier: Apache-2.0
"""The CDK CLI as a user runs it; what it says goes to a log file and, line by line, to the display."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from demo.errors import DemoError
from demo.paths import BUILD, CDK_CLI, OUTPUT, ROOT

STACK = "OtelSolutionStack"
ASSEMBLY = BUILD / "cdk.out"
LOG = OUTPUT / "cdk.log"
OUTPUTS = OUTPUT / "outputs.json"
LAST_LINES = 12  # of the log, shown when the CLI fails

OnLine = Callable[[str], None]


def start(*arguments: str, folder: Path = ROOT) -> subprocess.Popen[str]:
    """Start the CDK CLI with these arguments in a folder; both of its streams arrive as one."""
    if not CDK_CLI.exists():
        raise DemoError(f"The CDK CLI is missing at {CDK_CLI}: run make setup.")
    return subprocess.Popen(
        [str(CDK_CLI), *arguments, "--ci", "--no-color", "--no-notices"],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(process: subprocess.Popen[str], what: str, on_line: OnLine) -> None:
    """Follow a started CLI to its end.

    Raises
    ------
    DemoError
        When it fails, with its last lines.
    """
    lines: list[str] = []
    assert process.stdout is not None  # noqa: S101  (start() pipes it)
    with LOG.open("a") as log:
        for line in process.stdout:
            log.write(line)
            if line.strip():
                lines.append(line.rstrip())
                on_line(line.strip())
    if process.wait() != 0:
        tail = "\n".join(lines[-LAST_LINES:])
        raise DemoError(f"{what} failed with exit code {process.returncode}; the whole log is {LOG}.\n{tail}")


def prepare(environment: str, on_line: OnLine) -> None:
    """Bootstrap the environment and synthesize the application, both at once: neither needs the other."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    synth = start("synth", "--quiet", "--output", str(ASSEMBLY), "--app", f'"{sys.executable}" app.py')
    # From a folder without cdk.json: the CLI would synthesize the application here too.
    bootstrap = start("bootstrap", environment, folder=OUTPUT)
    try:
        finish(bootstrap, "cdk bootstrap", on_line)
        finish(synth, "cdk synth", on_line)
    finally:
        for process in (synth, bootstrap):
            if process.poll() is None:
                process.terminate()
                process.wait()


def deploy(on_line: OnLine) -> dict[str, str]:
    """Deploy the synthesized application; its outputs by name."""
    arguments = ["--require-approval", "never", "--progress", "events", "--outputs-file", str(OUTPUTS)]
    finish(start("deploy", STACK, "--app", str(ASSEMBLY), *arguments), "cdk deploy", on_line)
    outputs: dict[str, dict[str, str]] = json.loads(OUTPUTS.read_text())
    return outputs[STACK]


def destroy(on_line: OnLine) -> None:
    """Destroy the stack."""
    finish(start("destroy", STACK, "--app", str(ASSEMBLY), "--force"), "cdk destroy", on_line)


def environment_name(sts: Any) -> str:
    """``aws://<account>/<region>`` of the credentials in use."""
    return f"aws://{sts.get_caller_identity()['Account']}/{sts.meta.region_name}"


def clear_log() -> None:
    """Begin a log of this run alone."""
    Path(LOG).unlink(missing_ok=True)
