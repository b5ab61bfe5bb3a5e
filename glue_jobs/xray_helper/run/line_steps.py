# SPDX-License-Identifier: Apache-2.0
"""Makes steps of the lines of a script: ``orders.py:42 write.parquet``."""

from __future__ import annotations

import contextvars
import threading
from collections import Counter
from types import TracebackType
from typing import TYPE_CHECKING, Final

from xray_helper.context.planning import LINE
from xray_helper.run.call_site import CallSite, call_site
from xray_helper.run.lazy_lines import LazyLines, Planning
from xray_helper.run.places import CALLS, describe

if TYPE_CHECKING:
    from xray_helper.job import Job
    from xray_helper.step import Step

MOST_OF_A_LINE: Final = 20  # steps; a loop of thousands would push everything else out of the trace
_inside: Final = contextvars.ContextVar("xray_helper_line", default=False)


class LineSteps:
    """The steps of one job that are lines of its script.

    A line that runs again makes a step again, up to ``MOST_OF_A_LINE``. How often it ran stands on its last
    step; what the calls after that one ran is below the job. Lines that only plan are ``LazyLines``.
    """

    def __init__(self, job: Job, *, with_lazy_lines: bool = False) -> None:
        self._job = job
        self.with_lazy_lines = with_lazy_lines
        self._lazy = LazyLines(job)
        self._lock = threading.RLock()  # finalizers run at any moment
        self._calls: Counter[tuple[CallSite, str]] = Counter()
        self._last: dict[tuple[CallSite, str], Step] = {}

    def around(self, action: str) -> LineStep:
        """Return what the call of an action is put into; the calls that it makes itself are a part of it."""
        if _inside.get():
            return LineStep(None)
        site = self._site()
        return LineStep(self._step(site, action), site)

    def planning(self, method: str) -> Planning:
        """Return what the call of a method that plans is put into."""
        if _inside.get() or LINE.get() is not None:
            return Planning(None, method)
        return Planning(self._lazy.begin(call_site()), method)

    def end_passes(self) -> None:
        """End what the lazy lines of all threads have planned."""
        self._lazy.end_passes()

    def close(self) -> None:
        """Write how often each line ran that ran more than once."""
        self._lazy.close()
        for line, calls in self._calls.items():
            if calls > 1:
                self._last[line].set_attribute(CALLS, calls)

    def _site(self) -> CallSite:
        """Return the line that acts; a method that plans may do so, too, and goes on afterwards."""
        planning = self._lazy.running() if LINE.get() is not None else None
        if planning is not None:
            return planning.line.site
        self._lazy.end_pass()
        return call_site()

    def _step(self, site: CallSite, action: str) -> Step | None:
        line = (site, action)
        with self._lock:
            self._calls[line] += 1
            if self._calls[line] > MOST_OF_A_LINE:
                return None
            step = self._last[line] = self._job.step(f"{site} {action}")
        return step


class LineStep:
    """A step, entered with ``with``, within which no other begins."""

    def __init__(self, step: Step | None, site: CallSite | None = None) -> None:
        self._step, self._site = step, site

    def __enter__(self) -> None:
        self._token = _inside.set(True)
        if self._step is not None:
            self._step.__enter__()
            if self._site is not None:
                describe(self._step, self._site)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._step is not None:
            self._step.__exit__(kind, error, trace)
        _inside.reset(self._token)
