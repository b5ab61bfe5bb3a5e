# SPDX-License-Identifier: Apache-2.0
"""Scripts in the style of public ones, run as they are: no line of tracing in them.

Each line of theirs that must be a step says so at its end: ``# -> count, take`` or ``# -> count x3``; ``!``
when it must have failed. What became of a line that planned stands behind a ``~``, found out by hand:
``~ where executed``, with ``!`` when "unknown" is not good enough.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.spark.xray_helper.scenery import LEFT_OUT, Scene, pipeline
from xray_helper import Job
from xray_helper.run.line_steps import LineSteps
from xray_helper.run.script import Script
from xray_helper.run.watch import ScriptWatch

FOLDER = Path(__file__).with_name("scripts")
SCRIPTS = {path.stem: path for path in [*FOLDER.glob("*.py"), FOLDER / "many_files" / "main.py"]}
_IN_PYTHON = {"failing_function", "glue_join_and_filter", "udf_columns", "word_count"}
_FAIL = {"caught_and_raised", "failing_function"}
_EXPECTED = re.compile(r"# -> ([^;~]+)")
_PLANNED = re.compile(r"[;#] ~ (\S+) (\w+)(!?)")


@dataclass(frozen=True)
class Planned:
    """What became of a line's frames; ``must_be_known``: "unknown" is wrong, too."""

    outcome: str
    must_be_known: bool


def expected_steps(name: str) -> dict[str, tuple[int, bool]]:
    """Return what the script's own comments say: how often each action is there, and whether it fails."""
    found = {}
    for place, line in _lines(name):
        match = _EXPECTED.search(line)
        for action in match[1].strip().split(", ") if match else ():
            words = action.removesuffix(" !").split(" x")
            times = int(words[1]) if len(words) > 1 else 1
            found[f"{place} {words[0]}"] = times, action.endswith("!")
    return found


def planned_lines(name: str) -> dict[str, Planned]:
    """Return what the script's own comments say of the frames of its lines, actions among them."""
    return {
        f"{place} {match[1]}": Planned(match[2], must_be_known=bool(match[3]))
        for place, line in _lines(name)
        if (match := _PLANNED.search(line))
    }


def _lines(name: str) -> Iterator[tuple[str, str]]:
    path = SCRIPTS[name]
    for file in path.parent.rglob("*.py") if path.parent != FOLDER else [path]:
        for number, line in enumerate(file.read_text().splitlines(), 1):
            yield f"{file.name}:{number}", line


def _register(name: str, path: Path) -> None:
    is_of_glue = name.startswith("glue_")
    if is_of_glue and (reason := _why_no_glue()):
        LEFT_OUT[f"script_{name}"] = reason
        return

    def run(job: Job, scene: Scene) -> dict[str, Any]:
        output = str(scene.folder / name)
        of_glue = ["--JOB_NAME", name, "--input", scene.data().as_uri(), "--output", output]
        watch = ScriptWatch(LineSteps(job, with_lazy_lines=True))
        try:
            with _untouched_process():
                Script(str(path), of_glue if is_of_glue else [output]).run()
        except SystemExit as end:
            return {"exit_code": end.code}
        finally:
            watch.stop()
        return {}

    run.__name__ = f"script_{name}"
    pipeline(in_python=name in _IN_PYTHON, fails=name in _FAIL)(run)


@functools.cache
def _why_no_glue() -> str | None:
    """Return why there is no ``awsglue`` here, as in the environments of other Spark versions."""
    try:
        importlib.import_module("awsglue.context")
    except ImportError as error:
        return str(error)
    return None


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
