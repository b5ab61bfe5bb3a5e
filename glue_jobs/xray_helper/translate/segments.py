# SPDX-License-Identifier: Apache-2.0
"""One span in, one X-Ray segment document out.

The meaning is that of the ``awsxray`` exporter in the OpenTelemetry collector
(opentelemetry-collector-contrib, exporter/awsxrayexporter/internal/translator), so that a job looks the same
in X-Ray whether its spans went through a collector or were written directly. The differences: the ids of
exceptions are derived from the span instead of being random (sending twice changes nothing), every name is
cleaned, ``raise ... from`` makes two exceptions, not one with both stacks, a call marked
``aws.span.kind=LOCAL_ROOT`` stays one document, and there is nothing about EC2, EKS, Elastic Beanstalk and
App Runner, as no job runs there. The comparison with the real collector is in
``tests/integration/conformance``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.trace import SpanKind

from xray_common.ids import span_id_from_int, trace_id_from_int
from xray_helper.record.sendable import utf8
from xray_helper.translate.attributes import IN_PROGRESS, describe
from xray_helper.translate.aws import aws_block, origin, service
from xray_helper.translate.cause import cause, flags, without_status_text
from xray_helper.translate.http import http_block, sql_block
from xray_helper.translate.names import AWS_SPAN_KIND, LOCAL_ROOT, segment_name, segment_namespace
from xray_helper.translate.values import plain, without_empty

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

_NS_PER_S: Final = 1_000_000_000
_SEGMENT_KINDS: Final = (SpanKind.SERVER, SpanKind.CONSUMER)


def segment_document(span: ReadableSpan) -> dict[str, Any]:
    """Translate one ended span into the document that PutTraceSegments takes.

    A span of kind SERVER or CONSUMER, and one without a parent, becomes a segment; every other span becomes
    an independent subsegment (``type: subsegment``). Only segments carry the resource, as metadata.

    Parameters
    ----------
    span
        An ended span with a valid context. Times in nanoseconds since the epoch.

    Returns
    -------
    dict
        JSON types only. ``start_time`` and ``end_time`` are seconds since the epoch.

    Raises
    ------
    ValueError
        If the span has no context or no start time.

    Examples
    --------
    >>> from opentelemetry.sdk.trace import TracerProvider
    >>> span = TracerProvider().get_tracer("example").start_span("Read Data")
    >>> span.end()
    >>> segment_document(span)["name"]
    'Read Data'
    """
    context = span.get_span_context()
    if context is None or span.start_time is None:
        raise ValueError(
            f"The span {span.name!r} has no context or start time; end it before translating it."
        )
    is_segment = span.kind in _SEGMENT_KINDS or span.parent is None
    is_local_root = (span.attributes or {}).get(AWS_SPAN_KIND) == LOCAL_ROOT
    left, http = http_block(span)
    left, aws = aws_block(without_status_text(span, left), span.resource)
    left, sql = sql_block(span, left)
    document = {
        "name": segment_name(span),
        "id": span_id_from_int(context.span_id),
        "start_time": span.start_time / _NS_PER_S,
        "trace_id": trace_id_from_int(context.trace_id),
        **_end(span),
        "parent_id": span_id_from_int(span.parent.span_id) if span.parent else None,
        "type": None if is_segment or is_local_root else "subsegment",
        "namespace": None if is_local_root else segment_namespace(span),
        "origin": origin(span.resource),
        "service": service(span.resource),
        **flags(span),
        "cause": cause(span),
        "http": http,
        "aws": aws,
        "sql": sql,
        **describe(left, span.resource if is_segment else None),
        "links": _links(span),
    }
    return without_empty(document)


def segment_json(span: ReadableSpan) -> str:
    """Translate one span into the text of its document, without blanks (X-Ray counts bytes)."""
    return utf8(json.dumps(segment_document(span), ensure_ascii=False, separators=(",", ":"), default=str))


def document_bytes(span: ReadableSpan) -> int:
    """Count the bytes of a span's document."""
    return len(segment_json(span).encode())


def _end(span: ReadableSpan) -> dict[str, Any]:
    """Describe when the span ended, or that it has not."""
    if span.end_time is None or (span.attributes or {}).get(IN_PROGRESS) is True:
        return {"in_progress": True}
    return {"end_time": span.end_time / _NS_PER_S}


def _links(span: ReadableSpan) -> list[dict[str, Any]]:
    return [
        without_empty(
            {
                "trace_id": trace_id_from_int(link.context.trace_id),
                "id": span_id_from_int(link.context.span_id),
                "attributes": {key: plain(value) for key, value in (link.attributes or {}).items()},
            }
        )
        for link in span.links
    ]
