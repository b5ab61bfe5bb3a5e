# SPDX-License-Identifier: Apache-2.0
"""A trace as OTLP JSON, for any OpenTelemetry back end.

The mapping is the awsxray exporter's, backwards: annotations and default metadata become attributes, an
exception of a cause becomes an `exception` event. Encoding: "JSON Protobuf Encoding" of the OTLP
specification, where ids are hexadecimal text, times are text, and enumerations are numbers.

The library writes this format, too, and shares nothing with this module: OpenTelemetry's own encoder makes it
of OpenTelemetry's spans there. Here are X-Ray documents, other ids and no OpenTelemetry.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from trace_viewer.model.document import ExceptionInfo, Node
from trace_viewer.model.trace import Trace
from xray_common.conventions import ANNOTATION_KEYS

INTERNAL, SERVER, CLIENT = 1, 2, 3  # opentelemetry.proto.trace.v1.Span.SpanKind
STATUS_ERROR = 2  # opentelemetry.proto.trace.v1.Status.StatusCode
SCOPE = "trace_viewer"

AWS_NAMES = {
    "account_id": "cloud.account.id",
    "region": "cloud.region",
    "operation": "rpc.method",
    "request_id": "aws.request_id",
    "function_arn": "cloud.resource_id",
}
"""Fields of a document's `aws` object -> OpenTelemetry semantic conventions."""


def to_otlp(trace: Trace) -> dict[str, Any]:
    """Return the trace as an OTLP `TracesData` object: one resource per segment name.

    Spans still in progress end where the trace ends and have the attribute `aws.xray.in_progress`. Those
    whose end nobody knows end where their caller does and have `aws.xray.end_unknown`. Times are those of
    the documents, also where a clock was wrong and the page draws a span elsewhere.

    Raises
    ------
    EmptyTraceError
        If the trace has nothing to show.
    """
    trace_id = _hex(trace.id.removeprefix("1-").replace("-", ""), 32)
    services: dict[str, list[dict[str, Any]]] = {}
    for node in trace.tree.nodes:
        if node.is_missing:
            continue
        services.setdefault(node.segment.name, []).append(_span(node, trace_id))
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": _attributes({"service.name": service, "cloud.provider": "aws"})},
                "scopeSpans": [{"scope": {"name": SCOPE}, "spans": spans}],
            }
            for service, spans in services.items()
        ]
    }


def _span(node: Node, trace_id: str) -> dict[str, Any]:
    kind = SERVER if node.is_segment else CLIENT if node.namespace in ("aws", "remote") else INTERNAL
    span: dict[str, Any] = {
        "traceId": trace_id,
        "spanId": _hex(node.id, 16),
        "name": node.name,
        "kind": kind,
        "startTimeUnixNano": _nanoseconds(node.start - node.shift),
        "endTimeUnixNano": _nanoseconds(node.finish - node.shift),
        "attributes": _attributes(_fields(node)),
        "events": [_event(node, exception) for exception in node.exceptions],
    }
    parent_id = node.parent_id or (node.parent.id if node.parent else None)
    if parent_id:
        span["parentSpanId"] = _hex(parent_id, 16)
    if node.failure:
        message = node.exceptions[0].headline if node.exceptions else ""
        span["status"] = {"code": STATUS_ERROR, **({"message": message} if message else {})}
    return span


def _event(node: Node, exception: ExceptionInfo) -> dict[str, Any]:
    fields = {
        "exception.type": exception.type,
        "exception.message": exception.message,
        "exception.stacktrace": "\n".join(exception.stack),
    }
    attributes = _attributes({name: value for name, value in fields.items() if value})
    return {
        "name": "exception",
        "timeUnixNano": _nanoseconds(node.finish - node.shift),
        "attributes": attributes,
    }


def _fields(node: Node) -> dict[str, Any]:
    """Collect the attributes of a span; annotations come last and win."""
    fields: dict[str, Any] = {}
    for name, value in node.details.items():
        for key, item in value.items() if isinstance(value, Mapping) else [(None, value)]:
            known = AWS_NAMES.get(str(key)) if name == "aws" else None
            fields[known or ".".join(["aws.xray", name, *([str(key)] if key else [])])] = item
    for flag in ("in_progress", "end_unknown", "inferred", "orphan"):
        fields |= {f"aws.xray.{flag}": True} if getattr(node, flag) else {}
    fields |= {f"aws.xray.{key}": value for key in ("origin", "failure") if (value := getattr(node, key))}
    for namespace, entries in node.metadata.items():
        if not isinstance(entries, Mapping):
            fields[namespace] = entries
            continue
        prefix = "" if namespace == "default" else f"{namespace}."
        fields |= {f"{prefix}{key}": value for key, value in entries.items()}
    indexed = {ANNOTATION_KEYS: list(node.annotations)} if node.annotations else {}
    return fields | node.annotations | indexed


def _attributes(fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in fields.items() if value is not None]


def _value(value: object) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return {"arrayValue": {"values": [{"stringValue": item} for item in value]}}
    return {"stringValue": value if isinstance(value, str) else json.dumps(value)}


def _nanoseconds(seconds: float) -> str:
    # X-Ray keeps microseconds at best; a float of an epoch time is no better than that.
    return str(max(0, round(seconds * 1_000_000)) * 1000)


def _hex(text: str, digits: int) -> str:
    """Return an id of the right length: X-Ray's own, or a stable one where a sender used another form."""
    lowered = text.lower()
    if len(lowered) == digits and re.fullmatch("[0-9a-f]+", lowered):
        return lowered
    return hashlib.sha256(text.encode()).hexdigest()[:digits]
