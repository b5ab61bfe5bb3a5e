# SPDX-License-Identifier: Apache-2.0
"""Lines that only plan: ``orders.py:40 where.withColumn``, each once, however often it runs."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from xray_helper.context import places
from xray_helper.context.planning import LINE
from xray_helper.run.call_site import CallSite
from xray_helper.run.places import CALLS, describe

if TYPE_CHECKING:
    import contextvars

    from xray_helper.job import Job
    from xray_helper.observers import Frames, StepHandle
    from xray_helper.step import Step

MOST_PASSES: Final = 20  # of a line, whose plans are looked at
MOST_LINES: Final = 300  # of a script; as steps they cost about 0.5 KB each
_MOST_NAMES: Final = 3
_DYNAMIC: Final = frozenset({"DynamicFrame", "DynamicFrameCollection"})  # Glue's: no DataFrame is behind them


class LazyLine:
    """One line of the script that makes frames, inside of one step or of none."""

    def __init__(self, step: Step, site: CallSite, outer: StepHandle | None) -> None:
        self.step, self.site, self.outer = step, site, outer
        self.passes = 0
        self.methods: list[str] = []
        self.calls: Counter[int] = Counter()  # by their places in the line


class Pass:
    """A line that runs: once, or again and again without another line in between."""

    def __init__(self, line: LazyLine) -> None:
        self.line = line
        self.frames: Frames = []
        self.start_ns, self.end_ns = time.time_ns(), 0
        self.has_made = False


class LazyLines:
    """The lines of one script that make frames.

    A pass ends where another line of its thread begins to plan or to act: the frames that are alive then are
    what the line has made.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._lock = threading.RLock()  # finalizers run at any moment
        self._lines: dict[tuple[CallSite, StepHandle | None], LazyLine] = {}
        self._running: dict[int, Pass] = {}  # by thread

    def begin(self, site: CallSite) -> Pass | None:
        """Return the pass that a call belongs to; None for one too many."""
        outer, running = places.current_step(), self.running()
        if running is not None and (running.line.site, running.line.outer) == (site, outer):
            running.line.calls[site.instruction] += 1
            return running
        self.end_pass()
        line = self._line(site, outer)
        if line is None:
            return None
        line.calls[site.instruction] += 1
        if line.passes == MOST_PASSES:
            return None
        line.passes += 1
        line.step.planning_starts()
        running = self._running[threading.get_ident()] = Pass(line)
        return running

    def running(self) -> Pass | None:
        """Return the pass of the line that this thread planned last."""
        return self._running.get(threading.get_ident())

    def end_pass(self) -> None:
        """End what this thread's last line has planned."""
        running = self._running.pop(threading.get_ident(), None)
        if running is not None:
            _write(running)

    def end_passes(self) -> None:
        """End what the last lines of all threads have planned."""
        for thread in tuple(self._running):
            running = self._running.pop(thread, None)
            if running is not None:
                _write(running)

    def close(self) -> None:
        """End all passes, and write how often each line ran that ran more than once."""
        self.end_passes()
        for line in tuple(self._lines.values()):
            calls = max(line.calls.values(), default=0)
            if calls > 1:
                line.step.set_attribute(CALLS, calls)

    def _line(self, site: CallSite, outer: StepHandle | None) -> LazyLine | None:
        with self._lock:
            line = self._lines.get((site, outer))
            if line is None and len(self._lines) < MOST_LINES:
                line = self._lines[site, outer] = LazyLine(self._job.step(str(site)), site, outer)
        return line


class Planning:
    """The call of a method that plans, entered with ``with``; the calls that it makes are a part of it."""

    def __init__(self, running: Pass | None, method: str) -> None:
        self._pass, self._method = running, method
        self._token: contextvars.Token[Frames | None] | None = None

    def __enter__(self) -> Planning:
        if self._pass is not None:
            self._before = len(self._pass.frames)
            self._token = LINE.set(self._pass.frames)
        return self

    def returned(self, result: Any) -> None:
        """Look at what the method returned."""
        running = self._pass
        if running is not None:
            running.end_ns = time.time_ns()
            if len(running.frames) != self._before or type(result).__name__ in _DYNAMIC:
                running.has_made = True
                if not running.line.step.is_traced and self._method not in running.line.methods[-1:]:
                    running.line.methods.append(self._method)

    def __exit__(self, *_: object) -> None:
        if self._token is not None:
            LINE.reset(self._token)


def _write(running: Pass) -> None:
    line = running.line
    if not running.has_made:
        return
    is_new = not line.step.is_traced
    if is_new:
        line.step.name = f"{line.site} {_joined(line.methods)}"
    line.step.planned(running.frames, times_ns=(running.start_ns, running.end_ns), outer=line.outer)
    if is_new:
        describe(line.step, line.site)


def _joined(methods: list[str]) -> str:
    """Write the methods of a line as the line does.

    Examples
    --------
    >>> _joined(["where", "withColumn"]), _joined(["select", "where", "join", "agg", "sort"])
    ('where.withColumn', 'select.where.join +2')
    """
    more = len(methods) - _MOST_NAMES
    return ".".join(methods[:_MOST_NAMES]) + (f" +{more}" if more > 0 else "")
