# SPDX-License-Identifier: Apache-2.0
"""Which traces are in the JSON of a file, whatever wraps them.

Known are the answers of `aws xray batch-get-traces` and `list-retrieved-traces`, whole or what `--query` took
out of them, pages one below the other, segment documents as objects and as text, what the X-Ray daemon
receives, OTLP, and log events that hold any of these.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from trace_viewer.files import spans
from trace_viewer.model.json_text import parse
from trace_viewer.model.trace import Trace
from xray_common.walk import preorder

_WRAPPERS = ("Traces", "TraceSegmentDocuments", "events", "results", "result", "trace", "data")
"""Keys of what holds traces, documents, or log events of them."""
_RESOURCES = ("resourceSpans", "resource_spans", "batches")
"""Keys of OTLP's list of resources; the last one is Grafana Tempo's."""
_SPAN_NAMES = ('"spanId"', '"span_id"')
"""In the text of a document that is a span of OpenTelemetry."""
_TEXTS = ("Document", "message", "@message", "value")
"""Keys whose text is a document: of a segment, of a log event, of a field of Logs Insights."""


@dataclass
class _Found:
    """The documents of one trace, and what X-Ray said about it."""

    documents: dict[tuple[str, str], None] = field(default_factory=dict)
    duration: float | None = None
    limit_exceeded: bool = False

    def add(self, document: Mapping[str, Any], id_: object = None, text: str | None = None) -> None:
        """Add a document, as the text that it was or as new text."""
        text = json.dumps(document, separators=(",", ":")) if text is None else text
        self.documents[str(document.get("id", "") if id_ is None else id_), text] = None


@dataclass
class Collected:
    """The traces of a file by id, in their order, and the ids of those that X-Ray has not."""

    traces: dict[str, _Found] = field(default_factory=dict)
    unprocessed: list[str] = field(default_factory=list)

    def of(self, trace_id: str) -> _Found:
        """Return the trace of an id, a new one where there is none."""
        return self.traces.setdefault(trace_id, _Found())


def collect(values: Iterable[Any]) -> Collected:
    """Find every trace in JSON values.

    Example
    -------
    >>> document = {"trace_id": "1-5759e988-bd862e3fe1be46a994272793", "id": "1", "start_time": 1}
    >>> list(collect([[{"Traces": []}, document]]).traces)
    ['1-5759e988-bd862e3fe1be46a994272793']
    """
    collected = Collected()
    for value in values:
        for item in preorder(value, _inside):
            if isinstance(item, Mapping):
                _take(item, collected)
    return collected


def as_traces(collected: Collected, notes: Iterable[str] = ()) -> list[Trace]:
    """Return the traces; documents without a trace's id belong to the only one, if there is only one."""
    known = collected.traces
    found = {key: trace for key, trace in known.items() if trace.documents or len(known) == 1}
    nameless = found.get("")
    if nameless and len(found) == 2:
        only = next(trace for key, trace in found.items() if key)
        only.documents |= found.pop("").documents
    return [
        Trace(key, tuple(trace.documents), trace.duration, trace.limit_exceeded, tuple(notes))
        for key, trace in found.items()
    ]


def _inside(value: Any) -> list[Any]:
    """Return what to look at inside of a value."""
    if isinstance(value, str):
        return [_parsed(value)]
    if isinstance(value, list):
        return value
    if not isinstance(value, Mapping) or _is_document(value) or _segments(value) is not None:
        return []
    inner = [value[key] for key in _WRAPPERS if isinstance(value.get(key), list | Mapping)]
    return inner + [value[key] for key in _TEXTS if isinstance(value.get(key), str | Mapping)]


def _parsed(text: str) -> Any:
    """Return the object that a text holds; None for any other text, such as a log line."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        return parse(text)
    except ValueError:
        return None


def _is_document(value: Mapping[str, Any]) -> bool:
    return ("id" in value and "start_time" in value) or spans.is_span(value)


def _segments(value: Mapping[str, Any]) -> list[Any] | None:
    """Return the list of segments of a trace; None for what is no trace."""
    segments = value.get("Segments", value.get("Spans"))
    return segments if isinstance(segments, list) else None


def _take(value: Mapping[str, Any], collected: Collected) -> None:
    unprocessed = value.get("UnprocessedTraceIds")
    collected.unprocessed += map(str, unprocessed) if isinstance(unprocessed, list) else []
    segments = _segments(value)
    if segments is not None:
        _take_trace(value, segments, collected)
    elif _is_document(value):
        _add(value, collected)
    for resources in _RESOURCES:
        for span, resource in spans.spans_of_resources(value.get(resources)):
            _add(spans.as_document(span, resource), collected)


def _take_trace(value: Mapping[str, Any], segments: list[Any], collected: Collected) -> None:
    trace = collected.of(str(value.get("Id") or "") or _id_inside(segments))
    trace.limit_exceeded |= value.get("LimitExceeded") is True
    duration = value.get("Duration")
    if isinstance(duration, int | float) and not isinstance(duration, bool):
        trace.duration = max(trace.duration or 0.0, float(duration))
    for item in segments:
        id_ = item.get("Id") if isinstance(item, Mapping) else None
        document = item.get("Document", item) if isinstance(item, Mapping) else item
        if isinstance(document, str) and not any(name in document for name in _SPAN_NAMES):
            trace.add({}, id_, document)  # X-Ray's own text, and read later
            continue
        text, document = document, _document_of(item)
        if isinstance(document, Mapping) and spans.is_span(document):
            trace.add(spans.as_document(document), id_)
        else:
            fields = document if isinstance(document, Mapping) else {}
            trace.add(fields, id_, text if isinstance(text, str) else None)


def _id_inside(segments: list[Any]) -> str:
    documents = map(_document_of, segments)
    return next(
        (str(one["trace_id"]) for one in documents if isinstance(one, Mapping) and "trace_id" in one), ""
    )


def _document_of(item: Any) -> Any:
    """Return the document of an entry of a trace: `{"Id", "Document"}`, or the document itself."""
    document = item.get("Document", item) if isinstance(item, Mapping) else item
    return _parsed(document) if isinstance(document, str) else document


def _add(fields: Mapping[str, Any], collected: Collected) -> None:
    document = spans.as_document(fields) if spans.is_span(fields) else fields
    collected.of(str(document.get("trace_id") or "")).add(document)
