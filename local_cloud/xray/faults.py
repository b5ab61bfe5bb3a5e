# SPDX-License-Identifier: Apache-2.0
"""Faults that tests can switch on in the collector stand-in and in the X-Ray API."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

COLLECTOR_MODES = ("down", "hang", "reset", "status")
XRAY_MODES = ("throttle", "reject", "empty", "delay", "status")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One way to misbehave.

    Attributes
    ----------
    mode
        ``down`` (nothing listens), ``hang`` (no answer), ``reset`` (connection reset), ``status`` (an HTTP
        error), ``throttle`` (ThrottledException), ``reject`` (segments come back as unprocessed), ``empty``
        (reads find nothing), ``delay`` (the answer comes late).
    count
        Requests it applies to; None for all until it is cleared.
    status
        HTTP status for ``status``.
    retry_after
        Seconds for a ``Retry-After`` header, with ``status``.
    seconds
        Length of a ``delay``.
    operations
        Names such as ``BatchGetTraces``, where only some API operations are meant; empty for all.
    """

    mode: str
    count: int | None = None
    status: int = 500
    retry_after: int | None = None
    seconds: float = 0.0
    operations: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Fault:
        """Read a fault as the control interface takes it."""
        return cls(**{**content, "operations": tuple(content.get("operations", ()))})


class FaultSwitch:
    """Holds the fault of one endpoint; safe to use from many threads."""

    def __init__(self, *, modes: tuple[str, ...]) -> None:
        self._modes = modes
        self._lock = threading.Lock()
        self._fault: Fault | None = None
        self._left: int | None = None
        self.cleared = threading.Event()  # wakes what hangs or waits
        self.cleared.set()

    def set(self, fault: Fault | None) -> None:
        """Switch a fault on, or all off with None.

        Raises
        ------
        ValueError
            The endpoint has no such mode.
        """
        if fault is not None and fault.mode not in self._modes:
            raise ValueError(f"No fault mode {fault.mode!r} here; choose one of {', '.join(self._modes)}.")
        with self._lock:
            self._fault, self._left = fault, fault.count if fault else None
            self.cleared.clear() if fault else self.cleared.set()

    @property
    def mode(self) -> str | None:
        """Name of the fault that is on."""
        with self._lock:
            return self._fault.mode if self._fault else None

    def take(self, operation: str = "") -> Fault | None:
        """Return the fault that the current request must suffer, counting it."""
        with self._lock:
            fault = self._fault
            if fault is None or (fault.operations and operation not in fault.operations) or self._left == 0:
                return None
            if self._left is not None:
                self._left -= 1
            return fault
