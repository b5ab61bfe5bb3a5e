# SPDX-License-Identifier: Apache-2.0
"""Traced jobs whose spans are kept instead of sent, whole."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan

import xray_helper.session
from xray_helper import Job, Settings, traced_job
from xray_helper.export.delivery import DeliveryReport
from xray_helper.settings import Measure
from xray_helper.translate.segments import segment_json

_UNLIMITED_BYTES = 10**9
_PATIENCE_S = 60.0  # a busy machine is no reason for another trace


@contextlib.contextmanager
def recorded_job(
    spans: list[dict[str, Any]],
    *,
    measure: Measure | None = None,
    aws_calls: bool = False,
    lineage: bool = True,
) -> Iterator[Job]:
    """Trace a block; its spans are appended when it is over."""

    def keep(delivered: list[ReadableSpan], **_: Any) -> DeliveryReport:
        spans.extend(_plain(span) for span in delivered)
        return DeliveryReport()

    session: Any = xray_helper.session
    original, session.deliver = session.deliver, keep
    settings = Settings(
        job_name="job",
        otlp_endpoint="http://127.0.0.1:9",
        share_bytes=_UNLIMITED_BYTES,
        end_budget_s=_PATIENCE_S,
        parent_deadline_s=0.1,
        checkpoint_s=1e6,
        measure=measure,
        aws_calls=aws_calls,
        lineage=lineage,
    )
    try:
        with traced_job(settings=settings) as job:
            yield job
    finally:
        session.deliver = original


def _plain(span: ReadableSpan) -> dict[str, Any]:
    context = span.get_span_context()
    assert context is not None
    return {
        "name": span.name,
        "id": context.span_id,
        "parent": span.parent.span_id if span.parent else None,
        "start_ns": span.start_time,
        "end_ns": span.end_time,
        "status": span.status.status_code.name,
        "attributes": {key: _value(value) for key, value in (span.attributes or {}).items()},
        "document": segment_json(span),
        "exceptions": [dict(event.attributes or {}) for event in span.events],
    }


def _value(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
