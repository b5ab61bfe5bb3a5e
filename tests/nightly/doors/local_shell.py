# SPDX-License-Identifier: Apache-2.0
"""The shell of docs/demo.md, ``glue-xray local run -- bash``: many commands in one local cloud."""

from __future__ import annotations

import shlex
from typing import NamedTuple

from tests.integration.package.conftest import Installation


class Done(NamedTuple):
    """How a command ended, and what it wrote."""

    code: int
    stdout: str
    stderr: str


class LocalShell:
    """Runs commands one after the other; ends with its ``with`` block, and the cloud with it."""

    def __init__(self, installation: Installation) -> None:
        self._folder = installation.folder
        self._process = installation.start("glue-xray", "local", "run", "--", "bash")

    def __enter__(self) -> LocalShell:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate("exit\n")
        assert self._process.returncode == 0

    def run(self, *command: str) -> Done:
        """Run a command to its end."""
        assert self._process.stdout
        self._send(f"{shlex.join(command)} >stdout 2>stderr </dev/null; echo $?")
        code = int(self._process.stdout.readline())
        return Done(code, *((self._folder / name).read_text() for name in ("stdout", "stderr")))

    def _send(self, line: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
