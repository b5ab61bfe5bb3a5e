# SPDX-License-Identifier: Apache-2.0
"""Transaction Search: the account-wide switch that sends segments to CloudWatch Logs, and reading them there.

While it is on, BatchGetTraces finds nothing; a trace is read with StartTraceRetrieval and ListRetrievedTraces
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Transaction-Search.html).
"""

from __future__ import annotations

import json
import secrets
import threading
from typing import Any

from local_cloud.xray.errors import InvalidRequestError, ResourceNotFoundError
from local_cloud.xray.traces.store import Trace, TraceStore

_TRACES_PER_PAGE = 5  # the API's maximum
_SPANS_PER_PAGE = 100  # the API's maximum
_MAX_TRACES = 100  # of one retrieval


class Destination:
    """Where segments go, and the retrievals from CloudWatch Logs.

    Parameters
    ----------
    store
        The traces.
    """

    def __init__(self, *, store: TraceStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._retrievals: dict[str, list[str]] = {}
        self._running: dict[str, int] = {}
        self.transaction_search = False
        # How often ListRetrievedTraces answers RUNNING before a retrieval is complete.
        self.polls_before_complete = 1

    def get(self, _request: dict[str, Any]) -> dict[str, Any]:
        """GetTraceSegmentDestination."""
        return {"Destination": "CloudWatchLogs" if self.transaction_search else "XRay", "Status": "ACTIVE"}

    def update(self, request: dict[str, Any]) -> dict[str, Any]:
        """UpdateTraceSegmentDestination."""
        destination = request.get("Destination")
        if destination not in ("XRay", "CloudWatchLogs"):
            raise InvalidRequestError("Destination is XRay or CloudWatchLogs.")
        self.transaction_search = destination == "CloudWatchLogs"
        return {"Destination": destination, "Status": "PENDING"}

    def start_retrieval(self, request: dict[str, Any]) -> dict[str, Any]:
        """StartTraceRetrieval: takes up to 100 trace ids."""
        trace_ids = request.get("TraceIds")
        if not isinstance(trace_ids, list) or len(trace_ids) > _MAX_TRACES:
            raise InvalidRequestError(f"TraceIds takes up to {_MAX_TRACES} trace IDs.")
        if "StartTime" not in request or "EndTime" not in request:
            raise InvalidRequestError("StartTime and EndTime are required.")
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._retrievals[token] = [str(trace_id) for trace_id in trace_ids]
            self._running[token] = self.polls_before_complete
        return {"RetrievalToken": token}

    def list_retrieved(self, request: dict[str, Any]) -> dict[str, Any]:
        """ListRetrievedTraces: RUNNING at first, then the spans, up to 100 per trace and page."""
        token = str(request.get("RetrievalToken", ""))
        with self._lock:
            if token not in self._retrievals:
                raise ResourceNotFoundError("The retrieval token is not known.")
            running = self._running[token] > 0
            self._running[token] -= 1
            trace_ids = self._retrievals[token]
        shape = {"TraceFormat": request.get("TraceFormat", "XRAY")}
        if running:
            return {**shape, "RetrievalStatus": "RUNNING", "Traces": []}
        found = list(filter(None, map(self._store.trace, trace_ids))) if self.transaction_search else []
        return {**shape, "RetrievalStatus": "COMPLETE", **_page(found, str(request.get("NextToken") or "0"))}

    def cancel_retrieval(self, request: dict[str, Any]) -> dict[str, Any]:
        """CancelTraceRetrieval."""
        with self._lock:
            if self._retrievals.pop(str(request.get("RetrievalToken", "")), None) is None:
                raise ResourceNotFoundError("The retrieval token is not known.")
        return {}


def _page(found: list[Trace], token: str) -> dict[str, Any]:
    pages = [
        (trace, trace.segments[first : first + _SPANS_PER_PAGE])
        for trace in found
        for first in range(0, len(trace.segments), _SPANS_PER_PAGE)
    ]
    offset = int(token) if token.isdigit() else 0
    answer: dict[str, Any] = {
        "Traces": [
            {
                "Id": trace.id,
                "Duration": trace.duration,
                "Spans": [{"Id": segment["id"], "Document": json.dumps(segment)} for segment in segments],
            }
            for trace, segments in pages[offset : offset + _TRACES_PER_PAGE]
        ]
    }
    if offset + _TRACES_PER_PAGE < len(pages):
        answer["NextToken"] = str(offset + _TRACES_PER_PAGE)
    return answer
