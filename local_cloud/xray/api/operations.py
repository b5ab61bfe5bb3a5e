# SPDX-License-Identifier: Apache-2.0
"""The X-Ray operations on stored traces: plain dictionaries in and out, as the API names them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from local_cloud.xray import sampling
from local_cloud.xray.api import filters
from local_cloud.xray.api.destination import Destination
from local_cloud.xray.errors import InvalidRequestError
from local_cloud.xray.traces import graph, summaries
from local_cloud.xray.traces.store import Trace, TraceStore

Request = dict[str, Any]
Answer = dict[str, Any]

MAX_DOCUMENTS_PER_PUT = 50
MAX_TRACES_PER_READ = 5
_SUMMARIES_PER_PAGE = 100


class Operations:
    """One method per X-Ray operation.

    Parameters
    ----------
    store
        The traces.
    destination
        Where segments go: X-Ray, or CloudWatch Logs (Transaction Search).
    """

    def __init__(self, *, store: TraceStore, destination: Destination) -> None:
        self.store = store
        self.destination = destination
        # Segments of one trace per page; None gives whole traces. Small values test a reader's paging.
        self.segments_per_page: int | None = None
        self.by_path: dict[str, tuple[str, Callable[[Request], Answer]]] = {
            "/TraceSegments": ("PutTraceSegments", self.put_trace_segments),
            "/Traces": ("BatchGetTraces", self.batch_get_traces),
            "/TraceSummaries": ("GetTraceSummaries", self.get_trace_summaries),
            "/ServiceGraph": ("GetServiceGraph", self.get_service_graph),
            "/TraceGraph": ("GetTraceGraph", self.get_trace_graph),
            "/TelemetryRecords": ("PutTelemetryRecords", lambda _: {}),
            "/GetSamplingRules": ("GetSamplingRules", sampling.get_sampling_rules),
            "/SamplingTargets": ("GetSamplingTargets", sampling.get_sampling_targets),
            "/GetTraceSegmentDestination": ("GetTraceSegmentDestination", destination.get),
            "/UpdateTraceSegmentDestination": ("UpdateTraceSegmentDestination", destination.update),
            "/StartTraceRetrieval": ("StartTraceRetrieval", destination.start_retrieval),
            "/ListRetrievedTraces": ("ListRetrievedTraces", destination.list_retrieved),
            "/CancelTraceRetrieval": ("CancelTraceRetrieval", destination.cancel_retrieval),
        }

    def put_trace_segments(self, request: Request) -> Answer:
        """Take up to 50 documents."""
        documents = request.get("TraceSegmentDocuments")
        if not isinstance(documents, list):
            raise InvalidRequestError("TraceSegmentDocuments is missing.")
        if len(documents) > MAX_DOCUMENTS_PER_PUT:
            raise InvalidRequestError(f"Exceeding maximum segment count: {MAX_DOCUMENTS_PER_PUT}")
        refused = self.store.put(str(document) for document in documents)
        return {"UnprocessedTraceSegments": [reason.to_api() for reason in refused]}

    def batch_get_traces(self, request: Request) -> Answer:
        """Return traces by id; none of them while Transaction Search takes the segments."""
        trace_ids = request.get("TraceIds")
        if not isinstance(trace_ids, list) or not 1 <= len(trace_ids) <= MAX_TRACES_PER_READ:
            raise InvalidRequestError(f"TraceIds takes between 1 and {MAX_TRACES_PER_READ} trace IDs.")
        found = (
            []
            if self.destination.transaction_search
            else list(filter(None, map(self.store.trace, trace_ids)))
        )
        known = {trace.id for trace in found}
        answer: Answer = {
            "Traces": [trace_to_api(trace) for trace in found],
            "UnprocessedTraceIds": [trace_id for trace_id in trace_ids if trace_id not in known],
        }
        if self.segments_per_page is None:
            return answer
        return _page_of_segments(answer, _offset(request), self.segments_per_page)

    def get_trace_summaries(self, request: Request) -> Answer:
        """Return summaries of the traces of a time range that fit the filter expression."""
        start, end = _time_range(request)
        matches = filters.compile_filter(request.get("FilterExpression"))
        if request.get("TimeRangeType") in ("Event", "Service"):
            in_range = [trace for trace in self._indexed() if start <= trace.start <= end]
        else:  # the time in the id, as it is: seconds
            in_range = self._indexed(lambda trace_id: int(start) <= int(trace_id.split("-")[1], 16) <= end)
        fitting = [summaries.summary(trace) for trace in in_range if matches(trace)]
        offset = _offset(request)
        page = fitting[offset : offset + _SUMMARIES_PER_PAGE]
        answer: Answer = {
            "TraceSummaries": page,
            "ApproximateTime": time.time(),
            "TracesProcessedCount": len(in_range),
        }
        if offset + len(page) < len(fitting):
            answer["NextToken"] = str(offset + len(page))
        return answer

    def get_service_graph(self, request: Request) -> Answer:
        """Return the services and calls of a time range."""
        start, end = _time_range(request)
        traces = [trace for trace in self._indexed() if start <= trace.start <= end]
        return {
            "StartTime": start,
            "EndTime": end,
            "Services": graph.services(traces),
            "ContainsOldGroupVersions": False,
        }

    def get_trace_graph(self, request: Request) -> Answer:
        """Return the services and calls of some traces."""
        trace_ids = request.get("TraceIds")
        if not isinstance(trace_ids, list):
            raise InvalidRequestError("TraceIds is missing.")
        return {"Services": graph.services(self._indexed(trace_ids.__contains__))}

    def _indexed(self, wanted: Callable[[str], bool] = lambda _: True) -> list[Trace]:
        if self.destination.transaction_search:
            return []
        return list(filter(None, map(self.store.trace, filter(wanted, self.store.trace_ids()))))


def trace_to_api(trace: Trace) -> Answer:
    """Return a trace as BatchGetTraces shows it."""
    return {
        "Id": trace.id,
        "Duration": trace.duration,
        "LimitExceeded": trace.limit_exceeded,
        "Segments": [{"Id": segment["id"], "Document": json.dumps(segment)} for segment in trace.segments],
    }


def _page_of_segments(answer: Answer, offset: int, size: int) -> Answer:
    flat = [(trace, segment) for trace in answer["Traces"] for segment in trace["Segments"]]
    pages: dict[str, Answer] = {}
    for trace, segment in flat[offset : offset + size]:
        pages.setdefault(trace["Id"], {**trace, "Segments": []})["Segments"].append(segment)
    paged = {**answer, "Traces": list(pages.values())}
    if offset + size < len(flat):
        paged["NextToken"] = str(offset + size)
    return paged


def _offset(request: Request) -> int:
    token = request.get("NextToken") or "0"
    if not str(token).isdigit():
        raise InvalidRequestError("NextToken is not valid.")
    return int(token)


def _time_range(request: Request) -> tuple[float, float]:
    try:
        start, end = float(request["StartTime"]), float(request["EndTime"])
    except (KeyError, TypeError, ValueError):
        raise InvalidRequestError("StartTime and EndTime are required.") from None
    if end < start:
        raise InvalidRequestError("EndTime is before StartTime.")
    return start, end
