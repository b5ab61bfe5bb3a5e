# SPDX-License-Identifier: Apache-2.0
"""The metrics of a traced job, at its end: what its spans say, what became of them, then the request."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Protocol

from xray_helper.error_boundary import ErrorBoundary
from xray_helper.metrics.job_metrics import Metrics
from xray_helper.metrics.otlp import finish_metrics
from xray_helper.metrics.self_metrics import measure_spans, measure_stages

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

_AFTER_ERROR_S: Final = 1.0


class Delivery(Protocol):
    """What became of the spans; a span that was left out counts as dropped."""

    spilled: int
    errors: list[str]

    @property
    def sent(self) -> int:
        """Spans that arrived."""

    @property
    def dropped(self) -> int:
        """Spans that are nowhere."""


def finish_traced(
    metrics: Metrics,
    spans: Sequence[ReadableSpan],
    delivery: Delivery,
    *,
    left_out: int,
    times_ns: tuple[int, int],
    failed: bool,
    deadline: float,
    errors: ErrorBoundary,
) -> None:
    """Measure the stages among the spans, their delivery and the job; send everything. Never raises.

    Parameters
    ----------
    left_out
        Spans that stayed at home to keep the trace within X-Ray's limit.
    times_ns
        Start and end of the job, nanoseconds since the epoch.
    deadline
        Monotonic seconds.
    """
    if delivery.errors:  # the collector has been asked in vain: no long wait for it again
        deadline = min(deadline, time.monotonic() + _AFTER_ERROR_S)
    with errors("measuring the stages"):
        measure_stages(metrics, spans)
    with errors("sending the metrics"):
        measure_spans(
            metrics,
            sent=delivery.sent,
            spilled=delivery.spilled,
            left_out=left_out,
            dropped=max(delivery.dropped - left_out, 0),
        )
        start_ns, end_ns = times_ns
        finish_metrics(metrics, start_ns=start_ns, end_ns=end_ns, failed=failed, deadline=deadline)
