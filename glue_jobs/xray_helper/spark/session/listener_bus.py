# SPDX-License-Identifier: Apache-2.0
"""Spark's listener bus, which feeds the status store with a small delay."""

from __future__ import annotations

from typing import Any, Final

from py4j.protocol import Py4JJavaError

from xray_helper.error_boundary import LOGGER

_FIRST_WAIT_MS: Final = 2_000  # ordinarily 0.3 ms; an event log on S3 is a queue of the same bus
_LATER_WAIT_MS: Final = 200  # once it was slow, it is not waited for again


class ListenerBus:
    """Waits for the bus, and reads how many events it has lost.

    ``waitUntilEmpty`` and the counters are internal but public in bytecode; PySpark's own tests use the
    first. Events are lost when a queue of ``spark.scheduler.listenerbus.eventqueue.capacity`` overflows.
    """

    def __init__(self, context: Any) -> None:
        self._bus = context._jsc.sc().listenerBus()
        self._wait_ms = _FIRST_WAIT_MS
        self._dropped: Any = None  # Spark's counter

    def drain(self) -> bool:
        """Wait until all events so far have arrived; False when that took too long."""
        try:
            self._bus.waitUntilEmpty(self._wait_ms)
        except Py4JJavaError as error:
            if "TimeoutException" not in str(error.java_exception):
                raise
            LOGGER.warning("Spark's listener bus is slow: spans of this step may come later, or be missing.")
            self._wait_ms = _LATER_WAIT_MS
            return False
        return True

    def dropped_events(self) -> int:
        """Count the events that have never reached the status store since the application started."""
        if self._dropped is None:
            counters = self._bus.metrics().metricRegistry().getCounters()
            self._dropped = counters.get("queue.appStatus.numDroppedEvents")
        return int(self._dropped.getCount()) if self._dropped is not None else 0
