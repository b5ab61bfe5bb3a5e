# SPDX-License-Identifier: Apache-2.0
"""What each step planned: the plans of the frames it made, and the expression ids given out meanwhile.

A step's frames are those that it shows, else those that are still alive when it ends: what nobody holds
any more, nobody can use. Frames themselves are held weakly, plans until the next action: a plan may hold an
RDD, and Spark frees what an RDD has stored when nobody holds it.
"""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from xray_helper.context.planning import LINE
from xray_helper.observers import Frames
from xray_helper.spark.status_store.mappers import find_static

MAX_OUTPUTS: Final = 200  # per job; a plan is small, but a job may have thousands of steps
MAX_FRAMES: Final = 5  # of one step that shows none: the last ones
_MANY: Final = 50  # frames of a step, after which the dead ones are forgotten
_CATALYST: Final = "org.apache.spark.sql.catalyst.expressions.NamedExpression$"


@dataclass(eq=False)
class CapturedStep:
    """One step, or one pass of a line, as the planner sees it.

    Attributes
    ----------
    first_id, last_id
        The expression ids given out while the step was open lie between these two. For a line the first one
        is that of the whole job.
    is_line
        A line of a script: all frames that the script makes are known, so that its plans tell what is its.
    is_shown
        The step has shown its outputs itself.
    is_mixed
        Another thread had a step open meanwhile: the ids may be of either.
    strangers_before, strangers_after
        How many DataFrames whose plans are not known had been made when the step began, and when it ended.
    plans
        The analysed plans of the step's frames; texts, once they are read.
    """

    number: int
    thread: int
    first_id: int
    strangers_before: int
    last_id: int = -1
    is_line: bool = False
    is_shown: bool = False
    is_mixed: bool = False
    strangers_after: int = -1
    plans: list[Any] = field(default_factory=list)
    frames: Frames = field(default_factory=list)

    def owns(self, number: int) -> bool:
        """Return whether an expression id was given out during the step."""
        return self.first_id < number < self.last_id


class PlanCapture:
    """Keeps the plans that steps make in one SparkContext.

    Parameters
    ----------
    context
        The ``SparkContext``.
    current
        Returns the number of the step around the code that runs; None outside of steps.
    """

    def __init__(self, context: Any, *, current: Callable[[], int | None]) -> None:
        self._expressions = _module(context, _CATALYST)
        self._current = current
        self._lock = threading.RLock()
        self._open: list[CapturedStep] = []
        self._strangers = 0
        self._outputs = 0
        self._first_id = self._next_id()
        self.steps: list[CapturedStep] = []

    def enter(self, number: int) -> None:
        """Begin a step."""
        with self._lock:
            step = CapturedStep(number, threading.get_ident(), self._next_id(), self._strangers)
            for other in self._open:
                if other.thread != step.thread:
                    other.is_mixed = step.is_mixed = True
            self._open.append(step)

    def made(self, frame: Any) -> None:
        """Remember who made a DataFrame: the line or the step around this code, or a stranger."""
        frames = LINE.get()
        with self._lock:
            if frames is None:
                step = self._find(self._current())
                if step is None:
                    self._strangers += 1
                    return
                frames = step.frames
            if not frames or frames[-1]() is not frame:  # Spark 4 initialises each of them twice
                frames.append(weakref.ref(frame))
            if len(frames) % _MANY == 0:
                frames[:] = [one for one in frames if one() is not None]

    def output(self, number: int, frame: Any) -> None:
        """Remember a DataFrame that the step shows."""
        with self._lock:
            step = self._find(number)
            if step is not None:
                step.is_shown = True
                self._keep(step, [frame])
                step.frames[:] = [one for one in step.frames if one() is not frame]

    def leave(self, number: int) -> None:
        """End a step."""
        with self._lock:
            step = self._find(number)
            if step is None:
                return
            self._open.remove(step)
            step.strangers_after = self._strangers
            alive = _alive(step.frames)
            self._strangers += len(alive) - (0 if step.is_shown else self._keep(step, alive))
            if step.plans:
                step.last_id = self._next_id()
                self.steps.append(step)

    def planned(self, number: int, frames: Frames) -> None:
        """Remember what one pass of a line made."""
        with self._lock:
            before, alive = self._strangers, _alive(frames)
            line = CapturedStep(
                number, threading.get_ident(), self._first_id, before, sys.maxsize, is_line=True
            )
            self._strangers += len(alive) - self._keep(line, alive)
            line.strangers_after = before
            self.steps.append(line)

    def pending(self) -> list[CapturedStep]:
        """Return the steps that are over, and whose plans are not read yet."""
        with self._lock:
            return [step for step in self.steps if step.plans and not isinstance(step.plans[0], str)]

    def _keep(self, step: CapturedStep, frames: Iterable[Any]) -> int:
        """Keep plans; return how many."""
        most = min(MAX_FRAMES, MAX_OUTPUTS - self._outputs)
        wanted = list(frames)[-most:] if most > 0 else []
        step.plans += [frame._jdf.queryExecution().analyzed() for frame in wanted]
        self._outputs += len(wanted)
        return len(wanted)

    def _find(self, number: int | None) -> CapturedStep | None:
        return next((step for step in self._open if step.number == number), None)

    def _next_id(self) -> int:
        return int(self._expressions.newExprId().id())


def _alive(frames: Frames) -> list[Any]:
    return [frame for frame in (one() for one in frames) if frame is not None]


def _module(context: Any, name: str) -> Any:
    """Return a Scala object."""
    return getattr(find_static(context._jvm, name), "MODULE$")
