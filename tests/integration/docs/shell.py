# SPDX-License-Identifier: Apache-2.0
"""A folder in which the scripts of the pages run: our own programs for real, others recorded.

Recorded are those that need an AWS account, or are run whole by other tests.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.integration.docs.blocks import ROOT
from tests.quick_spark import quick_spark

RECORDER = Path(__file__).parent / "recorder.py"
# Program -> why it is not run here, and what is checked instead.
RECORDED = {
    "aws": "it needs an account: operations and parameters are checked against botocore's service models",
    "make": "CI runs make demo and make test, deploy and destroy need an account: the targets must exist",
    "npx": "it needs an account: cdk bootstrap, deploy and destroy are run by the demo, in a local cloud",
}
_RECORDED = """#!/bin/sh
exec "{python}" "{recorder}" "{log}" {name} "$@"
"""
_PYTHON = """#!/bin/sh
exec "{python}" "$@"
"""
_GLUE_XRAY = """#!/bin/sh
exec "{python}" -m glue_xray "$@"
"""


class Shell:
    """Runs scripts in a folder that looks like the repository's root after ``make demo``."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder, self._log = folder, folder / "recorded.jsonl"
        programs = folder / "programs"
        programs.mkdir()
        for entry in ROOT.iterdir():
            if entry.name not in ("build", ".venv", ".git", "node_modules"):
                (folder / entry.name).symlink_to(entry)
        for name in RECORDED:
            text = _RECORDED.format(python=sys.executable, recorder=RECORDER, log=self._log, name=name)
            _write(programs / name, text)
        (folder / ".venv" / "bin").mkdir(parents=True)
        for path in (programs / "python", programs / "python3", folder / ".venv" / "bin" / "python"):
            _write(path, _PYTHON.format(python=sys.executable))
        _write(programs / "glue-xray", _GLUE_XRAY.format(python=sys.executable))
        self._environment = {
            **environment, **quick_spark(), "PATH": f"{programs}:/usr/bin:/bin", "PYTHONIOENCODING": "utf-8"
        }  # fmt: skip

    def run(self, script: str) -> list[list[str]]:
        """Run a script to its end, which must be a good one; the recorded commands."""
        self._log.write_text("")
        command = [shutil.which("bash") or "bash", "-euo", "pipefail", "-c", script]
        done = subprocess.run(
            command, cwd=self.folder, env=self._environment, capture_output=True, text=True, timeout=200,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return [json.loads(line) for line in self._log.read_text().splitlines()]


def _write(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)
