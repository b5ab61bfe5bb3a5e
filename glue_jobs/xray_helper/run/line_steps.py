# SPDX-License-Identifier: Apache-2.0
"""Makes a step of each action: ``orders.py:42 write.parquet``."""

from __future__ import annotations

import contextvars
import threading
from collections import Counter
from types import TracebackType
from typing import TYPE_CHECKING, Final

from xray_helper.run.call_site import CallSite, call_site

if TYPE_CHECKING:
    from xray_helper.job import Job
    from xray_helper.step import Step

MOST_OF_A_LINE: Final = 20  # steps; a loop of thousands would push everything else out of the trace
_FILE: Final = "code.file.path"  # OpenTelemetry's semantic conventions, "Code attributes"
_LINE: Final = "code.line.number"
_FUNCTION: Final = "code.function.name"
_CALLS: Final = "code.calls"
_inside: Final = contextvars.ContextVar("xray_helper_line", default=False)


class LineSteps:
    """The steps of one job that are lines of its script.

    A line that runs again makes a step again, up to ``MOST_OF_A_LINE``. How often it ran stands on its last
    step; what the calls after that one ran is below the job.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._lock = threading.Lock()
        self._calls: Counter[tuple[CallSite, str]] = Counter()
        self._last: dict[tuple[CallSite, str], Step] = {}

    def around(self, action: str) -> LineStep:
        """Return what the call of an action is put into; the calls that it makes itself are a part of it."""
        if _inside.get():
            return LineStep(None)
        site = call_site()
        return LineStep(self._step(site, action), site)

    def close(self) -> None:
        """Write how often each line ran that ran more than once."""
        for line, calls in self._calls.items():
            if calls > 1:
                self._last[line].set_attribute(_CALLS, calls)

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
                self._step.set_attribute(_FILE, self._site.file)
                self._step.set_attribute(_LINE, self._site.line)
                self._step.set_attribute(_FUNCTION, self._site.function)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._step is not None:
            self._step.__exit__(kind, error, trace)
        _inside.reset(self._token)
