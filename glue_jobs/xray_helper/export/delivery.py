# SPDX-License-Identifier: Apache-2.0
"""Brings the spans of a job to X-Ray: through the collector, else directly, else into a file.

Every span is accounted for: made = sent + spilled + dropped.
"""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from xray_helper.error_boundary import LOGGER
from xray_helper.export.sent import Sent
from xray_helper.hidden_packages import AWS_SDK, OTLP, HiddenPackageError, require
from xray_helper.own_threads import importing
from xray_helper.translate.segments import segment_json

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

FILE_ONLY: Final = "file"  # in place of an endpoint: nothing is sent, all spans go into a file in `spill_uri`
_COLLECTOR_SHARE: Final = 0.4  # of the time that is left; then there is time for X-Ray
_XRAY_SHARE: Final = 0.6  # of the time that is left after that; then there is time for the file
_TO_COLLECTOR: Final = "xray_helper.export.otlp"
_OF_HOST_NAMES: Final = "encodings.idna"  # imported with the first look-up of one


@dataclass
class DeliveryReport:
    """Where the spans of a job went."""

    made: int = 0
    to_collector: int = 0
    to_xray: int = 0
    spilled: int = 0
    spilled_to: str | None = None
    errors: list[str] = field(default_factory=list)

    @property
    def sent(self) -> int:
        """Spans that a collector or X-Ray took."""
        return self.to_collector + self.to_xray

    @property
    def dropped(self) -> int:
        """Spans that are nowhere."""
        return self.made - self.sent - self.spilled

    def __str__(self) -> str:
        """Write the report as one line."""
        file = f" ({self.spilled_to})" if self.spilled_to else ""
        why = f"; {'; '.join(self.errors)}" if self.errors else ""
        return (
            f"spans made={self.made} sent={self.sent} (collector={self.to_collector} x-ray={self.to_xray}) "
            f"spilled={self.spilled}{file} dropped={self.dropped}{why}"
        )


def warm_up(otlp_endpoint: str | None) -> None:
    """Import now what the delivery needs: at the end of the job it took 0.1 s, and more from a zip."""
    if otlp_endpoint == FILE_ONLY:
        return
    name, needs = (_TO_COLLECTOR, OTLP) if otlp_endpoint else ("botocore.session", AWS_SDK)
    with suppress(HiddenPackageError), importing():  # the delivery says it
        require(*needs)
        importlib.import_module(name)
        importlib.import_module(_OF_HOST_NAMES)


def deliver(
    spans: Sequence[ReadableSpan], *, otlp_endpoint: str | None, spill_uri: str | None, deadline: float
) -> DeliveryReport:
    """Send spans by the first way that works before ``deadline`` (monotonic seconds)."""
    report = DeliveryReport(made=len(spans))
    ordered = sorted(spans, key=lambda span: span.start_time or 0)  # parents first
    if otlp_endpoint == FILE_ONLY:
        _spill([segment_json(span) for span in ordered], report, spill_uri, deadline)
        return report
    if otlp_endpoint:
        seconds = (deadline - time.monotonic()) * _COLLECTOR_SHARE
        result = _send_to_collector(ordered, otlp_endpoint, seconds)
        if result.error:
            report.errors.append(result.error)
        if result.accepted:
            report.to_collector = len(ordered) - result.rejected
            return report
    _deliver_documents([segment_json(span) for span in ordered], report, spill_uri, deadline)
    return report


def _send_to_collector(spans: Sequence[ReadableSpan], endpoint: str, seconds: float) -> Sent:
    try:
        if _TO_COLLECTOR not in sys.modules:
            require(*OTLP)
        from xray_helper.export.otlp import send_to_collector
    except ImportError as error:
        return Sent(error=f"the collector {endpoint} cannot be asked: {error}")
    return send_to_collector(spans, endpoint=endpoint, seconds=seconds)


def _deliver_documents(
    documents: list[str], report: DeliveryReport, spill_uri: str | None, deadline: float
) -> None:
    from xray_helper.export.xray import send_to_xray

    direct = send_to_xray(documents, seconds=(deadline - time.monotonic()) * _XRAY_SHARE)
    report.to_xray = len(documents) - len(direct.unsent)
    if direct.unsent:
        report.errors.append(direct.error or "X-Ray did not answer in time")
        _spill(direct.unsent, report, spill_uri, deadline)


def _spill(documents: list[str], report: DeliveryReport, spill_uri: str | None, deadline: float) -> None:
    from xray_helper.export.spill import spill

    try:
        report.spilled_to = spill(documents, spill_uri, seconds=deadline - time.monotonic())
        report.spilled = len(documents)
    except Exception as error:
        report.errors.append(f"no file could be written: {type(error).__name__}: {error}")
        LOGGER.debug("Details", exc_info=error)
