# SPDX-License-Identifier: Apache-2.0
"""OTLP trace requests (protobuf or JSON) as the SDK's spans.

https://opentelemetry.io/docs/specs/otlp/ ; in JSON, ids are hexadecimal, not base64 as protobuf's own
mapping has it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any, TypeVar

from google.protobuf import json_format  # type: ignore[import-untyped]
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as OtlpSpan
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags

PROTOBUF, JSON = "application/x-protobuf", "application/json"
_IDS = ("traceId", "spanId", "parentSpanId")
_KINDS = {
    OtlpSpan.SPAN_KIND_SERVER: SpanKind.SERVER,
    OtlpSpan.SPAN_KIND_CLIENT: SpanKind.CLIENT,
    OtlpSpan.SPAN_KIND_PRODUCER: SpanKind.PRODUCER,
    OtlpSpan.SPAN_KIND_CONSUMER: SpanKind.CONSUMER,
}
R = TypeVar("R", ExportTraceServiceRequest, ExportMetricsServiceRequest)
_STATUS = {1: StatusCode.OK, 2: StatusCode.ERROR}


class MalformedRequestError(Exception):
    """The body is no OTLP request; the text says why."""


def spans(body: bytes, content_type: str) -> list[ReadableSpan]:
    """Return the spans of a request.

    Raises
    ------
    MalformedRequestError
        The body cannot be read.
    """
    return list(_spans(parse(body, content_type, ExportTraceServiceRequest())))


def parse(body: bytes, content_type: str, request: R) -> R:
    """Read a body into an empty request of traces or metrics, and return it.

    Raises
    ------
    MalformedRequestError
        The body cannot be read.
    """
    try:
        if content_type == JSON:
            json_format.ParseDict(_with_base64_ids(json.loads(body)), request, ignore_unknown_fields=True)
        else:
            request.ParseFromString(body)
    except (DecodeError, json_format.ParseError, ValueError, TypeError) as error:
        kind = "metrics" if isinstance(request, ExportMetricsServiceRequest) else "trace"
        raise MalformedRequestError(f"The body is no OTLP {kind} request: {error}") from error
    return request


def _with_base64_ids(content: Any) -> Any:
    if isinstance(content, list):
        return [_with_base64_ids(item) for item in content]
    if not isinstance(content, dict):
        return content
    return {
        key: base64.b64encode(bytes.fromhex(value)).decode() if key in _IDS else _with_base64_ids(value)
        for key, value in content.items()
    }


def _spans(request: ExportTraceServiceRequest) -> Iterator[ReadableSpan]:
    for group in request.resource_spans:
        resource = Resource(_attributes(group.resource.attributes), group.schema_url or None)
        for scoped in group.scope_spans:
            scope = InstrumentationScope(
                scoped.scope.name, scoped.scope.version or None, scoped.schema_url or None
            )
            for span in scoped.spans:
                yield _span(span, resource, scope)


def _span(span: OtlpSpan, resource: Resource, scope: InstrumentationScope) -> ReadableSpan:
    return ReadableSpan(
        name=span.name,
        context=_context(span.trace_id, span.span_id),
        parent=_context(span.trace_id, span.parent_span_id, remote=True) if span.parent_span_id else None,
        resource=resource,
        attributes=_attributes(span.attributes),
        events=[Event(e.name, _attributes(e.attributes), e.time_unix_nano) for e in span.events],
        links=[
            Link(_context(link.trace_id, link.span_id), _attributes(link.attributes)) for link in span.links
        ],
        kind=_KINDS.get(span.kind, SpanKind.INTERNAL),
        status=_status(span),
        start_time=span.start_time_unix_nano,
        end_time=span.end_time_unix_nano,
        instrumentation_scope=scope,
    )


def _status(span: OtlpSpan) -> Status:
    code = _STATUS.get(span.status.code, StatusCode.UNSET)
    # The SDK keeps a description of errors alone, and says so in the log otherwise.
    return Status(code, span.status.message or None) if code is StatusCode.ERROR else Status(code)


def _context(trace_id: bytes, span_id: bytes, *, remote: bool = False) -> SpanContext:
    return SpanContext(
        trace_id=int.from_bytes(trace_id, "big"),
        span_id=int.from_bytes(span_id, "big"),
        is_remote=remote,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
    )


def _attributes(pairs: Any) -> dict[str, Any]:
    return {pair.key: _value(pair.value) for pair in pairs}


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return tuple(_value(item) for item in value.array_value.values)
    if kind == "kvlist_value":
        return _attributes(value.kvlist_value.values)
    return getattr(value, kind) if kind else None
