# SPDX-License-Identifier: Apache-2.0
"""A span of OpenTelemetry, read as the X-Ray document that it would have become.

Three forms of a span are in use, and attributes are a list of pairs in the first, an object in the others:
OTLP JSON ("JSON Protobuf Encoding" of the OTLP specification; protobuf's own JSON has ids in base64 and names
for enumerations), the events of the log group `aws/spans` of CloudWatch's Transaction Search, and what
OpenTelemetry's console exporter prints.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any

from xray_common.conventions import ANNOTATION_KEYS
from xray_common.ids import trace_id_from_int

NANOSECONDS = 1_000_000_000
_HEX = re.compile(r"(?:0x)?([0-9a-f]{16}|[0-9a-f]{32})", re.IGNORECASE)
_SEGMENT_KINDS, _CLIENT, _ERROR = ("SERVER", "CONSUMER"), "CLIENT", "ERROR"
_KINDS = ("UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER")
_STATUSES = ("UNSET", "OK", "ERROR")
_OWN = "aws.xray."  # attributes by which `exports.otlp` keeps the fields that OpenTelemetry has no place for
_FLAGS = dict.fromkeys(("in_progress", "inprogress", "end_unknown"), "in_progress") | {"inferred": "inferred"}
_AWS_FIELDS = {"rpc.method": "operation", "aws.request_id": "request_id", "cloud.region": "region"}

Fields = Mapping[str, Any]


def spans_of_resources(resources: object) -> Iterator[tuple[Fields, Fields]]:
    """Yield (span, attributes of its resource) of `resourceSpans`; its names may be written either way."""
    for resource in _mappings(resources):
        described = resource.get("resource")
        attributes = read_attributes(described.get("attributes") if isinstance(described, Mapping) else None)
        scopes = _either(resource, "scopeSpans", "scope_spans") or _either(
            resource, "instrumentationLibrarySpans", "instrumentation_library_spans"
        )
        for scope in _mappings(scopes):
            for span in _mappings(scope.get("spans")):
                yield span, attributes


def is_span(fields: Fields) -> bool:
    """Return whether an object is a span of OpenTelemetry."""
    return bool(_id(_ids(fields), "spanId", "span_id"))


def as_document(span: Fields, resource: Fields | None = None) -> dict[str, Any]:
    """Return the X-Ray document of a span; what is not known is left out.

    Example
    -------
    >>> span = {"traceId": "5759e988" + "0" * 24, "spanId": "53995c3f42cd8ad8", "name": "GET /"}
    >>> as_document(span | {"startTimeUnixNano": "1500000000", "kind": 1})["start_time"]
    1.5
    """
    if resource is None:
        described = span.get("resource")
        resource = read_attributes(described.get("attributes") if isinstance(described, Mapping) else None)
    attributes = read_attributes(span.get("attributes"))
    kind = _enumerated(span.get("kind"), _KINDS)
    parent_id = _id(span, "parentSpanId", "parent_span_id") or _id(span, "parent_id")
    is_segment = kind in _SEGMENT_KINDS or not parent_id
    name, service = str(span.get("name") or "span"), str(resource.get("service.name") or "")
    document = {
        "trace_id": _trace_id(_id(_ids(span), "traceId", "trace_id")),
        "id": _id(_ids(span), "spanId", "span_id"),
        "parent_id": parent_id,
        "type": "" if is_segment else "subsegment",
        "name": service if is_segment and service else name,
        "start_time": _seconds(span, "start"),
        "end_time": _seconds(span, "end"),
        "namespace": _namespace(kind, is_segment, attributes),
        **_state(span, attributes),
        **_described(attributes, resource if is_segment else {}),
    }
    if is_segment and service and service != name:
        document["annotations"] = {"operation": name, **document["annotations"]}
    if document.get("in_progress"):  # the exporter had to write some end
        document["end_time"] = None
    return {key: value for key, value in document.items() if value not in (None, "", {}, [], False)}


def read_attributes(attributes: object) -> dict[str, Any]:
    """Return attributes as a dictionary, whether they are OTLP's list of typed pairs or an object."""
    if isinstance(attributes, Mapping):
        return {str(key): value for key, value in attributes.items()}
    return {str(item.get("key")): _value(item.get("value")) for item in _mappings(attributes)}


def _value(typed: object) -> Any:
    """Return the value of OTLP's AnyValue: one entry that names its type, integers as text."""
    if not isinstance(typed, Mapping):
        return typed
    for kind, value in typed.items():
        name = str(kind).removesuffix("Value").removesuffix("_value")
        if name in ("array", "kvlist"):
            inner = value.get("values") if isinstance(value, Mapping) else None
            return read_attributes(inner) if name == "kvlist" else [_value(item) for item in _list(inner)]
        if name == "int" and isinstance(value, str):
            return int(value) if re.fullmatch(r"-?\d{1,20}", value) else value
        return value
    return None


def _state(span: Fields, attributes: dict[str, Any]) -> dict[str, Any]:
    """Return whether and why a span failed, by its HTTP status where it has one, as X-Ray's exporter does."""
    status = span.get("status") if isinstance(span.get("status"), Mapping) else {}
    assert isinstance(status, Mapping)  # noqa: S101 for the type checker
    code = attributes.get("http.response.status_code", attributes.get("http.status_code"))
    is_error = isinstance(code, int) and 400 <= code < 500
    failed = _enumerated(_either(status, "code", "status_code"), _STATUSES) == _ERROR
    kept = str(attributes.pop(f"{_OWN}failure", ""))
    set_ = {name for name in _FLAGS if attributes.pop(f"{_OWN}{name}", False) is True}
    flags = {flag: True for name, flag in _FLAGS.items() if name in set_}
    causes = [
        _exception(event) for event in _mappings(span.get("events")) if event.get("name") == "exception"
    ]
    message = _either(status, "message", "description")
    if failed and message and not causes:
        causes = [{"message": str(message)}]
    return {
        **flags,
        "fault": kept == "fault" or (failed and not is_error and not kept),
        "error": kept == "error" or (is_error and not kept),
        "throttle": kept == "throttle" or code == 429,
        "cause": {"exceptions": causes} if causes else {},
    }


def _exception(event: Fields) -> dict[str, Any]:
    attributes = read_attributes(event.get("attributes"))
    trace = str(attributes.get("exception.stacktrace") or "")
    return {
        "type": str(attributes.get("exception.type") or ""),
        "message": str(attributes.get("exception.message") or ""),
        "stack": [{"label": line.strip()} for line in trace.splitlines() if line.strip()],
    }


def _described(attributes: dict[str, Any], resource: Fields) -> dict[str, Any]:
    """Sort attributes into annotations, the fields of a call, and metadata."""
    named = set(map(str, _list(attributes.pop(ANNOTATION_KEYS, None))))
    indexed = {name for name in named if isinstance(attributes.get(name), str | int | float)}
    aws = {field: attributes[name] for name, field in _AWS_FIELDS.items() if name in attributes}
    return {
        "origin": str(attributes.pop(f"{_OWN}origin", "")),
        "annotations": {name: value for name, value in attributes.items() if name in indexed},
        "metadata": {
            "default": {name: value for name, value in attributes.items() if name not in indexed},
            **({"resource": dict(resource)} if resource else {}),
        },
        "aws": aws if attributes.get("rpc.system") == "aws-api" or "operation" in aws else {},
    }


def _namespace(kind: str, is_segment: bool, attributes: Fields) -> str:
    if is_segment:
        return ""
    return "aws" if attributes.get("rpc.system") == "aws-api" else "remote" if kind == _CLIENT else ""


def _seconds(span: Fields, which: str) -> object:
    """Return a time in seconds since the epoch; the console exporter writes ISO 8601, which stays."""
    value = _either(span, f"{which}TimeUnixNano", f"{which}_time_unix_nano")
    if value in (None, 0, "0", ""):
        return span.get(f"{which}_time")
    if isinstance(value, str) and re.fullmatch(r"\d{1,25}", value):
        value = int(value)
    return value / NANOSECONDS if isinstance(value, int | float) else None


def _ids(span: Fields) -> Fields:
    context = span.get("context")
    return context if isinstance(context, Mapping) else span


def _id(fields: Fields, *names: str) -> str:
    """Return an id as hexadecimal text, whether it was that or base64; empty where there is none."""
    text = str(_either(fields, *names) or "")
    found = _HEX.fullmatch(text)
    if found:
        digits = found[1].lower()
    else:
        try:
            digits = base64.b64decode(text, validate=True).hex()
        except (binascii.Error, ValueError):
            return ""
    return digits if len(digits) in (16, 32) and digits.strip("0") else ""


def _trace_id(digits: str) -> str:
    return trace_id_from_int(int(digits, 16)) if digits else ""


def _enumerated(value: object, names: tuple[str, ...]) -> str:
    """Return the name of an enumeration's value: 2, SPAN_KIND_SERVER, SpanKind.SERVER and SERVER are one."""
    if isinstance(value, int) and not isinstance(value, bool):
        return names[value] if 0 <= value < len(names) else ""
    return re.split(r"[._]", str(value or ""))[-1].upper()


def _either(fields: Fields, *names: str) -> Any:
    return next((fields[name] for name in names if fields.get(name) is not None), None)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _mappings(value: object) -> Iterator[Fields]:
    return (item for item in _list(value) if isinstance(item, Mapping))
