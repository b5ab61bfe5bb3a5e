# SPDX-License-Identifier: Apache-2.0
"""When a scheduled trigger is due: one thread, which exists once the first trigger has a schedule."""

from __future__ import annotations

import contextvars
import heapq
import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from local_cloud.emulator import ApiError, service

_log = logging.getLogger("local_cloud.services.glue")
_LONGEST_WAIT = 3600.0  # seconds; the clock of the machine may be set meanwhile


def next_time(expression: str, after: float) -> float | None:
    """Return when a ``cron(...)`` is due next, in seconds since the epoch; None for never again.

    Raises
    ------
    ApiError
        ``InvalidInputException`` for what is no such expression.

    Examples
    --------
    >>> next_time("cron(0 12 * * ? *)", after=0.0)
    43200.0
    """
    events = service("eventbridge")
    fields = events._parse_cron_fields(expression)
    if fields is None:
        raise ApiError(
            "InvalidInputException",
            f"Schedule {expression!r} is no cron expression such as cron(0 12 * * ? *).",
        )
    due = events._cron_next_fire(fields, datetime.fromtimestamp(after, UTC))
    return None if due is None else float(due.timestamp())


class Schedule:
    """Calls back when a trigger is due; whether it still is to be fired is the callee's to know."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._due: list[tuple[float, int, Callable[[], Any]]] = []
        self._number = 0
        self._started = False

    def at(self, when: float, call: Callable[[], Any]) -> None:
        """Call at a time, in seconds since the epoch, with the account and region of now."""
        context = contextvars.copy_context()
        with self._changed:
            self._number += 1  # two triggers may be due at once
            heapq.heappush(self._due, (when, self._number, lambda: context.run(call)))
            if not self._started:
                self._started = True
                threading.Thread(target=self._wait, daemon=True, name="glue-triggers").start()
            self._changed.notify()

    def _wait(self) -> None:
        while True:
            with self._changed:
                pause = self._due[0][0] - time.time() if self._due else _LONGEST_WAIT
                if pause > 0:
                    self._changed.wait(min(pause, _LONGEST_WAIT))
                    continue
                _, _, call = heapq.heappop(self._due)
            try:
                call()
            except Exception:  # the thread serves every trigger
                _log.exception("A scheduled trigger failed in the local cloud itself")
