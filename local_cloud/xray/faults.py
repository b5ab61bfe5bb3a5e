# SPDX-License-Identifier: Apache-2.0
"""Faults that tests can switch on in the collector stand-in and in the X-Ray API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from local_cloud.faults import CountedFault, Faults

COLLECTOR_MODES = ("down", "hang", "reset", "status")
XRAY_MODES = ("throttle", "reject", "empty", "delay", "status")


@dataclass(kw_only=True)
class Fault(CountedFault):
    """One way to misbehave.

    Attributes
    ----------
    mode
        ``down`` (nothing listens), ``hang`` (no answer), ``reset`` (connection reset), ``status`` (an HTTP
        error), ``throttle`` (ThrottledException), ``reject`` (segments come back as unprocessed), ``empty``
        (reads find nothing), ``delay`` (the answer comes late).
    status
        HTTP status for ``status``.
    retry_after
        Seconds for a ``Retry-After`` header, with ``status``.
    operations
        Names such as ``BatchGetTraces``, where only some API operations are meant; empty for all.
    """

    mode: str
    status: int = 500
    retry_after: int | None = None
    operations: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Fault:
        """Read a fault as the control interface takes it."""
        return cls(**{**content, "operations": tuple(content.get("operations", ()))})


class FaultSwitch:
    """The one fault of an endpoint, of which ``modes`` are the kinds."""

    def __init__(self, *, modes: tuple[str, ...]) -> None:
        self._modes = modes
        self._faults: Faults[Fault] = Faults()
        self.cleared = self._faults.cleared

    def set(self, fault: Fault | None) -> None:
        """Switch a fault on, or off with None.

        Raises
        ------
        ValueError
            The endpoint has no such mode.
        """
        if fault is not None and fault.mode not in self._modes:
            raise ValueError(f"No fault mode {fault.mode!r} here; choose one of {', '.join(self._modes)}.")
        self._faults.clear()
        if fault is not None:
            self._faults.add(fault)

    @property
    def mode(self) -> str | None:
        """Name of the fault that is on."""
        return next((fault.mode for fault in self._faults.active()), None)

    def take(self, operation: str = "") -> Fault | None:
        """Return the fault that the current request must suffer, and count the request."""
        return self._faults.take(lambda fault: not fault.operations or operation in fault.operations)
