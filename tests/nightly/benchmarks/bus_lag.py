# SPDX-License-Identifier: Apache-2.0
"""How far Spark's listener bus is behind: the longest queue of events that waited for the status store."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

_PERIOD_S: Final = 0.1
_QUEUE: Final = "queue.appStatus.size"


@dataclass
class Lag:
    """The longest queue that was seen, in events."""

    events: int = 0


@contextmanager
def bus_lag(context: Any) -> Iterator[Lag]:
    """Look ten times a second, in a thread of its own, traced or not: both pay for it alike."""
    registry = context._jsc.sc().listenerBus().metrics().metricRegistry()
    queue, lag, over = registry.getGauges().get(_QUEUE), Lag(), threading.Event()

    def look() -> None:
        while not over.wait(_PERIOD_S):
            lag.events = max(lag.events, int(queue.getValue()))

    thread = threading.Thread(target=look, name="bus-lag", daemon=True)
    thread.start()
    try:
        yield lag
    finally:
        over.set()
        thread.join()
