# SPDX-License-Identifier: Apache-2.0
"""What a file is that holds no trace for the viewer, and what to do about it, in one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_BY_KEY = {
    "Traces": "holds no trace: X-Ray has no such trace; check the id, the region and the account",
    "TraceSummaries": "holds summaries of traces: pass their ids to `aws xray batch-get-traces`",
    "Services": "holds a service graph, not a trace: use `aws xray batch-get-traces`",
    "traceEvents": "is a Chrome trace, which keeps no X-Ray documents: use the trace that it was made of",
    "resourceMetrics": "holds OTLP metrics, not spans",
    "resourceLogs": "holds OTLP logs, not spans",
    "RetrievalToken": "holds the token of a retrieval: pass it to `aws xray list-retrieved-traces`",
    "__type": "holds an error of AWS, not a trace",
}
_JAEGER = "is a trace of Jaeger: ask Jaeger for OTLP instead (GET /api/v3/traces/ID) and open that"
_ZIPKIN = (
    "is a trace of Zipkin: send it through an OpenTelemetry collector (zipkin receiver, file exporter), "
    "and open the OTLP JSON that it writes"
)
_EXPECTED = (
    "holds no X-Ray trace: expected what `aws xray batch-get-traces` prints, segment documents, or OTLP JSON"
)


def describe(values: Iterable[Any]) -> str:
    """Return the sentence's end, which follows the file's name.

    Example
    -------
    >>> describe([{"TraceSummaries": []}])
    'holds summaries of traces: pass their ids to `aws xray batch-get-traces`'
    """
    for value in values:
        items = value if isinstance(value, list) else [value]
        for item in (item for item in items if isinstance(item, Mapping)):
            if found := next((words for key, words in _BY_KEY.items() if key in item), None):
                return found
            if _has_jaeger_spans(item):
                return _JAEGER
            if "traceId" in item and "id" in item:
                return _ZIPKIN
        if items and all(isinstance(item, list) for item in items):  # Zipkin's list of traces
            return describe(items)
    return _EXPECTED


def _has_jaeger_spans(item: Mapping[str, Any]) -> bool:
    data = item.get("data", [item])
    traces = data if isinstance(data, list) else [data]
    return any(isinstance(trace, Mapping) and "traceID" in trace for trace in traces)
