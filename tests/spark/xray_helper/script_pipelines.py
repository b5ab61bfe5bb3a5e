# SPDX-License-Identifier: Apache-2.0
"""Scripts in the style of public ones, run as they are: no line of tracing in them.

Each line of theirs that must be a step says so at its end: ``# -> count, take`` or ``# -> count x3``; ``!``
when it must have failed.
"""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.spark.xray_helper.scenery import Scene, pipeline
from xray_helper import Job
from xray_helper.run.line_steps import LineSteps
from xray_helper.run.script import Script
from xray_helper.run.watch import ActionWatch

FOLDER = Path(__file__).with_name("scripts")
SCRIPTS = {path.stem: path for path in [*FOLDER.glob("*.py"), FOLDER / "many_files" / "main.py"]}
_IN_PYTHON = {"udf_columns", "word_count"}
_FAIL = {"caught_and_raised"}
_EXPECTED = re.compile(r"# -> (.+)$")


def expected_steps(name: str) -> dict[str, tuple[int, bool]]:
    """Return what the script's own comments say: how often each step is there, and whether it fails."""
    path = SCRIPTS[name]
    files = path.parent.rglob("*.py") if path.parent != FOLDER else [path]
    found = {}
    for file in files:
        for number, line in enumerate(file.read_text().splitlines(), 1):
            match = _EXPECTED.search(line)
            for action in match[1].split(", ") if match else ():
                words = action.removesuffix(" !").split(" x")
                times = int(words[1]) if len(words) > 1 else 1
                found[f"{file.name}:{number} {words[0]}"] = times, action.endswith("!")
    return found


def _register(name: str, path: Path) -> None:
    def run(job: Job, scene: Scene) -> dict[str, Any]:
        watch = ActionWatch(LineSteps(job))
        try:
            with _untouched_process():
                Script(str(path), [str(scene.folder / name)]).run()
        except SystemExit as end:
            return {"exit_code": end.code}
        finally:
            watch.stop()
        return {}

    run.__name__ = f"script_{name}"
    pipeline(in_python=name in _IN_PYTHON, fails=name in _FAIL)(run)


@contextlib.contextmanager
def _untouched_process() -> Iterator[None]:
    """Give the process back as it was before a script was its program."""
    before = sys.argv, sys.path[0], sys.excepthook, sys.modules["__main__"]
    try:
        yield
    finally:
        sys.argv, sys.path[0], sys.excepthook, sys.modules["__main__"] = before


for _name, _path in SCRIPTS.items():
    _register(_name, _path)
