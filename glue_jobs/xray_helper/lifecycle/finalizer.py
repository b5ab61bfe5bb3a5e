# SPDX-License-Identifier: Apache-2.0
"""Runs the end of a job once, and in time."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from xray_helper.error_boundary import LOGGER
from xray_helper.own_threads import shelter_from_sigpipe

_GRACE_S: Final = 0.2  # for the thread itself


@dataclass(frozen=True)
class End:
    """When and how a job ended; ``deadline`` (monotonic seconds) bounds what is done about it."""

    time_ns: int
    deadline: float
    failed: bool = False
    interrupted: bool = False

    @property
    def seconds_left(self) -> float:
        """Time until the deadline."""
        return self.deadline - time.monotonic()


class Finalizer:
    """Runs the end of a job in a thread of its own, so that nothing in it can hold the job up.

    The job's own thread and the one that a SIGTERM starts may both come for it: it is done once, and both
    wait for it.

    Parameters
    ----------
    finish
        What is done at the end.
    budget_s
        How long it may take, seconds.
    what
        What is late when it takes longer, for the log.
    """

    def __init__(self, finish: Callable[[End], None], *, budget_s: float, what: str) -> None:
        self._finish, self._budget_s, self._what = finish, budget_s, what
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()  # not for signal handlers, which never get here
        self._process_id = os.getpid()

    @property
    def has_begun(self) -> bool:
        """Whether the end has been started."""
        return self._thread is not None

    def run(self, time_ns: int, *, failed: bool = False, interrupted: bool = False) -> bool:
        """Start the end, or join it; return when it is over or out of time.

        Returns
        -------
        bool
            False in a forked child (multiprocessing): it has a copy of the job, but the end is its parent's.
        """
        if os.getpid() != self._process_id:
            return False
        with self._lock:
            if self._thread is None:
                deadline = time.monotonic() + self._budget_s
                end = End(time_ns=time_ns, deadline=deadline, failed=failed, interrupted=interrupted)
                self._thread = threading.Thread(
                    target=self._run, args=(end,), name="xray-finalizer", daemon=True
                )
                try:
                    self._thread.start()
                except RuntimeError:  # Python 3.12 and newer start no thread at interpreter exit
                    self._finish(end)
        if self._thread.ident is not None:
            self._thread.join(self._budget_s + _GRACE_S)
            if self._thread.is_alive():
                LOGGER.warning("%s was not delivered within %.1f s.", self._what, self._budget_s)
        return True

    def _run(self, end: End) -> None:
        shelter_from_sigpipe()
        self._finish(end)
