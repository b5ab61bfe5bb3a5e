# SPDX-License-Identifier: Apache-2.0
"""Spark's listener bus: everything the status store knows came over it, a little later."""

from __future__ import annotations

import logging
from typing import Any, Final

from py4j.protocol import Py4JJavaError

LOGGER: Final = logging.getLogger("xray_helper")

FIRST_WAIT_MS: Final = 2_000  # ordinarily 0.3 ms; an event log on S3 is a queue of the same bus
LATER_WAIT_MS: Final = 200  # once it was slow, it is not waited for again


class ListenerBus:
    """Waits for the bus, and reads how many events it has lost.

    ``waitUntilEmpty`` and the counters are internal but public in bytecode; PySpark's own tests use the
    first. Events are lost when a queue of ``spark.scheduler.listenerbus.eventqueue.capacity`` overflows.
    """

    def __init__(self, context: Any) -> None:
        self._bus = context._jsc.sc().listenerBus()
        self._wait_ms = FIRST_WAIT_MS

    def drain(self) -> bool:
        """Wait until all events so far have arrived; False when that took too long."""
        try:
            self._bus.waitUntilEmpty(self._wait_ms)
        except Py4JJavaError as error:
            if "TimeoutException" not in str(error.java_exception):
                raise
            LOGGER.warning("Spark's listener bus is slow: spans of this step may come later, or be missing.")
            self._wait_ms = LATER_WAIT_MS
            return False
        return True

    def dropped_events(self) -> int:
        """Count the events that never reached the status store, since the application started."""
        counters = self._bus.metrics().metricRegistry().getCounters()
        counter = counters.get("queue.appStatus.numDroppedEvents")
        return int(counter.getCount()) if counter is not None else 0
