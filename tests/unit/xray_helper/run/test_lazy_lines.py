# SPDX-License-Identifier: Apache-2.0
"""Which lines of a script are steps; `tests/spark` has it with a Spark, and what became of them."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable
from typing import Any, cast

import pytest

from tests.unit.xray_helper.run.library_frames import Frame
from xray_helper import Job
from xray_helper.run.lazy_lines import MOST_LINES, MOST_PASSES
from xray_helper.run.line_steps import LineSteps


class Step:
    """Notes what a line is told to be."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.passes: list[list[Any]] = []
        self.attributes: dict[str, object] = {}

    @property
    def is_traced(self) -> bool:
        return bool(self.passes)

    def planning_starts(self) -> None:
        """Get ready."""

    def planned(self, frames: list[weakref.ref[Any]], **_: object) -> None:
        self.passes.append([type(one()).__name__ for one in frames if one() is not None])

    def set_attribute(self, key: str, value: object) -> None:
        self.attributes[key] = value

    def __enter__(self) -> None:
        self.passes.append(["acts"])

    def __exit__(self, *_: object) -> None:
        pass


class Script:
    """Has a frame whose methods are watched as those of PySpark are."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.lines = LineSteps(cast(Job, self), with_lazy_lines=True)

    def step(self, name: str) -> Step:
        self.steps.append(Step(name))
        return self.steps[-1]

    def frame(self) -> Frame:
        return Frame(self.lines)

    def close(self) -> dict[str, Step]:
        """End the script; return the steps that were made, without their file."""
        self.lines.close()
        return {step.name.partition(":")[2]: step for step in self.steps if step.is_traced}


def line_of(function: Callable[..., Any], number: int) -> str:
    return str(function.__code__.co_firstlineno + number)


def test_a_chain_is_one_step_with_what_is_left_of_it() -> None:
    def work(frame: Frame) -> Frame:
        return frame.where().where().select().drop().sort().where()

    script = Script()
    kept = work(script.frame())
    steps = script.close()

    (name,) = steps
    assert name == f"{line_of(work, 1)} where.select.drop +2"
    assert steps[name].passes == [["Frame"]]
    assert "code.calls" not in steps[name].attributes
    assert kept


def test_a_chain_over_several_lines_is_a_step_for_each() -> None:
    def work(frame: Frame) -> Frame:
        return (
            frame.where()
            .select()
            .drop()
        )  # fmt: skip

    script = Script()
    kept = work(script.frame())
    steps = script.close()

    first = work.__code__.co_firstlineno
    assert list(steps) == [f"{first + 2} where", f"{first + 3} select", f"{first + 4} drop"]
    assert all(step.passes == [["Frame"]] for step in steps.values())
    assert kept


def test_a_line_that_runs_again_and_again_is_one_pass() -> None:
    script = Script()
    frame = script.frame()
    for _ in range(1_000):
        frame = frame.where()
    ((name, step),) = script.close().items()

    assert name.endswith(" where")
    assert step.passes == [["Frame"]]
    assert step.attributes["code.calls"] == 1_000


def test_the_passes_of_lines_in_turn_are_counted_and_some_are_looked_at() -> None:
    script = Script()
    frame = script.frame()
    for _ in range(100):
        frame = frame.where()
        frame = frame.select()
    steps = script.close()

    assert [step.attributes["code.calls"] for step in steps.values()] == [100, 100]
    assert [len(step.passes) for step in steps.values()] == [MOST_PASSES, MOST_PASSES]


def test_an_action_ends_the_pass_while_its_frame_is_there() -> None:
    script = Script()
    assert script.frame().where().count() == 1
    where, count = script.close().items()

    assert where[0].endswith(" where") and where[1].passes == [["Frame"]]
    assert count[0].endswith(" count") and count[1].passes == [["acts"]]


def test_frames_live_no_longer_than_without_us() -> None:
    script = Script()
    frame = script.frame().where()
    ended = weakref.ref(frame)
    del frame
    gc.collect()

    assert ended() is None
    ((_, step),) = script.close().items()
    assert step.passes == [[]]


def test_what_makes_no_frame_is_no_step() -> None:
    script = Script()
    script.frame().cache()

    assert script.close() == {}


def test_threads_have_lines_of_their_own() -> None:
    script, frames, all_have_planned = Script(), [], threading.Barrier(3)

    def work() -> None:
        frames.append(script.frame().where())
        all_have_planned.wait(60)  # the id of a thread that has ended may be another's

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ((_, step),) = script.close().items()

    assert step.passes == [["Frame"]] * 3
    assert step.attributes["code.calls"] == 3


@pytest.mark.parametrize(("lines", "steps"), [(MOST_LINES - 1, MOST_LINES - 1), (MOST_LINES + 5, MOST_LINES)])
def test_a_script_of_many_lines_has_so_many_steps(lines: int, steps: int) -> None:
    script = Script()
    code = "\n".join(["frame = frame.where()"] * lines)
    exec(compile(code, "/jobs/long.py", "exec"), {"frame": script.frame()})  # noqa: S102 - made above

    assert len(script.close()) == steps
