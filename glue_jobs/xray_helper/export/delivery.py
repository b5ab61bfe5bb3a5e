# SPDX-License-Identifier: Apache-2.0
"""Brings the spans of a job to X-Ray: through the collector, else directly, else into a file.

Every span is accounted for: made = sent + spilled + dropped.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from xray_helper.error_boundary import LOGGER
from xray_helper.translate.segments import segment_json

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

_COLLECTOR_SHARE: Final = 0.4  # of the time that is left; then there is time for X-Ray
_XRAY_SHARE: Final = 0.6  # of the time that is left after that; then there is time for the file


@dataclass
class Account:
    """Where the spans went."""

    made: int = 0
    to_collector: int = 0
    to_xray: int = 0
    spilled: int = 0
    spilled_to: str | None = None
    trouble: list[str] = field(default_factory=list)

    @property
    def sent(self) -> int:
        """Spans that a collector or X-Ray took."""
        return self.to_collector + self.to_xray

    @property
    def dropped(self) -> int:
        """Spans that are nowhere."""
        return self.made - self.sent - self.spilled

    def __str__(self) -> str:
        """Write the account as one line."""
        file = f" ({self.spilled_to})" if self.spilled_to else ""
        why = f"; {'; '.join(self.trouble)}" if self.trouble else ""
        return (
            f"spans made={self.made} sent={self.sent} (collector={self.to_collector} x-ray={self.to_xray}) "
            f"spilled={self.spilled}{file} dropped={self.dropped}{why}"
        )


def deliver(
    spans: Sequence[ReadableSpan],
    account: Account,
    *,
    otlp_endpoint: str | None,
    spill_uri: str | None,
    deadline: float,
) -> None:
    """Send spans by the first way that works before ``deadline`` (monotonic seconds)."""
    ordered = sorted(spans, key=lambda span: span.start_time or 0)  # parents first
    if otlp_endpoint:
        from xray_helper.export.otlp import send_to_collector

        seconds = (deadline - time.monotonic()) * _COLLECTOR_SHARE
        result = send_to_collector(ordered, endpoint=otlp_endpoint, seconds=seconds)
        if result.trouble:
            account.trouble.append(result.trouble)
        if result.accepted:
            account.to_collector += len(ordered) - result.rejected
            return
    documents = [segment_json(span) for span in ordered]
    _deliver_documents(documents, account, spill_uri, deadline)


def _deliver_documents(
    documents: list[str], account: Account, spill_uri: str | None, deadline: float
) -> None:
    from xray_helper.export.spill import spill
    from xray_helper.export.xray import send_to_xray

    direct = send_to_xray(documents, seconds=(deadline - time.monotonic()) * _XRAY_SHARE)
    account.to_xray += len(documents) - len(direct.unsent)
    if not direct.unsent:
        return
    account.trouble.append(direct.trouble or "X-Ray did not answer in time")
    try:
        account.spilled_to = spill(direct.unsent, spill_uri, seconds=deadline - time.monotonic())
        account.spilled += len(direct.unsent)
    except Exception as error:
        account.trouble.append(f"no file could be written: {type(error).__name__}: {error}")
        LOGGER.debug("Details", exc_info=error)
