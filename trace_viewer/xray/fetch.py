# SPDX-License-Identifier: Apache-2.0
"""Traces from the X-Ray API, with or without Transaction Search."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from itertools import repeat
from typing import Any

from trace_viewer.model.trace import Trace
from trace_viewer.xray.session import XRayError, aws_client, aws_failures, aws_session
from xray_common.retrieval import COMPLETE, retrieve

RETRIEVAL_DEADLINE = 60.0  # seconds to wait for Transaction Search
RETRIEVAL_POLL = 0.5  # seconds between two questions about a retrieval
SUMMARY_WINDOW = timedelta(hours=6)  # the longest range that GetTraceSummaries takes
SUMMARY_WINDOWS = 4  # so many windows back from now: a day
RETENTION = timedelta(days=30)  # how long X-Ray keeps a trace


class TraceNotFoundError(LookupError):
    """X-Ray has no such trace, or none at all in the time that was searched."""


def fetch_trace(trace_id: str, *, client: Any = None, deadline: float = RETRIEVAL_DEADLINE) -> Trace:
    """Fetch a trace by its id.

    BatchGetTraces comes first. It finds nothing where Transaction Search is on (API reference: "trace is not
    indexed in X-Ray"); then StartTraceRetrieval and ListRetrievedTraces are used.

    Parameters
    ----------
    trace_id
        `1-<8 hex>-<24 hex>`.
    client
        A boto3 X-Ray client. The default honours the usual AWS environment, `AWS_ENDPOINT_URL_XRAY` included.
    deadline
        Seconds to wait for a Transaction Search retrieval.

    Raises
    ------
    TraceNotFoundError
        If X-Ray does not know the trace (yet: a trace appears seconds after its first segment was sent).
    XRayError
        If X-Ray could not be asked.

    Example
    -------
    >>> trace = fetch_trace("1-6920173c-5f8a2c1f3d4e5b6a7c8d9e0f")  # doctest: +SKIP
    >>> trace.tree.status  # doctest: +SKIP
    'ok'
    """
    try:
        xray = client or aws_client(aws_session(), "xray")
        trace = _batch_get(xray, trace_id)
        if trace is None and transaction_search_is_on(xray):
            trace = _retrieve(xray, trace_id, deadline)
    except aws_failures() as error:
        raise XRayError(f"X-Ray could not be asked for trace {trace_id}: {error}") from error
    if trace is None:
        raise TraceNotFoundError(
            f"X-Ray has no trace {trace_id}: check the id, region and account, or try again in a few seconds."
        )
    return trace


def latest_trace_id(*, client: Any = None, expression: str = "") -> str:
    """Return the id of the newest trace, the one that started last within a day.

    Parameters
    ----------
    expression
        An X-Ray filter expression, such as `annotation.dataset = "listings"`.

    Raises
    ------
    TraceNotFoundError
        If there is no trace. Where Transaction Search is on, only the indexed share of traces has a summary.
    XRayError
        If X-Ray could not be asked.
    """
    # botocore sends whole seconds: round up, or a trace of this second would be missed.
    end = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(seconds=1)
    try:
        xray = client or aws_client(aws_session(), "xray")
        for _ in range(SUMMARY_WINDOWS):
            found = list(summaries(xray, end - SUMMARY_WINDOW, end, expression))
            if found:
                return str(max(found, key=started)["Id"])
            end -= SUMMARY_WINDOW
    except aws_failures() as error:
        raise XRayError(f"X-Ray could not be asked for its latest trace: {error}") from error
    hours = SUMMARY_WINDOW * SUMMARY_WINDOWS // timedelta(hours=1)
    raise TraceNotFoundError(
        f"X-Ray has no {'matching ' if expression else ''}trace of the last {hours} hours: "
        "check region and account, or name one with --trace-id."
    )


def _batch_get(xray: Any, trace_id: str) -> Trace | None:
    pages = xray.get_paginator("batch_get_traces").paginate(TraceIds=[trace_id])
    return join([trace for page in pages for trace in page.get("Traces", ())], "Segments")


def join(parts: list[dict[str, Any]], items: str) -> Trace | None:
    """Make one trace of its parts: a trace may be spread over several pages."""
    segments = {
        (str(item["Id"]), str(item["Document"])): None for part in parts for item in part.get(items, ())
    }
    if not segments:
        return None
    return Trace(
        id=str(parts[0]["Id"]),
        segments=tuple(segments),
        duration=max(float(part.get("Duration") or 0.0) for part in parts),
        limit_exceeded=any(part.get("LimitExceeded") is True for part in parts),
        fetched=time.time(),
    )


def transaction_search_is_on(xray: Any) -> bool:
    """Return whether spans go to CloudWatch Logs. No for an account, role or emulator that cannot tell."""
    try:
        return bool(xray.get_trace_segment_destination().get("Destination") == "CloudWatchLogs")
    except aws_failures():
        return False


def _retrieve(xray: Any, trace_id: str, deadline: float) -> Trace | None:
    start, end = search_range(trace_id, datetime.now(timezone.utc))
    latest, pauses = time.monotonic() + deadline, repeat(RETRIEVAL_POLL)
    retrieval = retrieve(xray, trace_id, start=start, end=end, deadline=latest, pauses=pauses)
    if retrieval.is_under_way:
        xray.cancel_trace_retrieval(RetrievalToken=retrieval.token)
        raise XRayError(f"The retrieval of trace {trace_id} took longer than {deadline:.0f} s: try again.")
    if retrieval.status != COMPLETE:
        raise XRayError(f"The retrieval of trace {trace_id} ended {retrieval.status}: try again.")
    return join([trace for traces in retrieval.pages() for trace in traces], "Spans")


def search_range(trace_id: str, now: datetime) -> tuple[datetime, datetime]:
    """Return the time to search. An X-Ray id starts with its time; a W3C id may start with anything."""
    try:
        started = datetime.fromtimestamp(int(trace_id.split("-")[1], 16), timezone.utc)
    except (IndexError, ValueError, OverflowError, OSError):
        return now - RETENTION, now
    if not now - RETENTION <= started <= now + timedelta(minutes=5):
        return now - RETENTION, now
    return started - timedelta(minutes=5), min(now, started + timedelta(days=7))


def summaries(xray: Any, start: datetime, end: datetime, expression: str) -> Iterator[dict[str, Any]]:
    """Yield the summaries of the traces that started in a time, at most `SUMMARY_WINDOW` of it."""
    options = {"FilterExpression": expression} if expression else {}
    pages = xray.get_paginator("get_trace_summaries").paginate(
        StartTime=start, EndTime=end, TimeRangeType="TraceId", **options
    )
    for page in pages:
        yield from page.get("TraceSummaries", ())


def started(summary: dict[str, Any]) -> tuple[float, str]:
    """Return by what summaries are in order: start (0 where there is none) and id."""
    start = summary.get("StartTime")
    return (start.timestamp() if isinstance(start, datetime) else 0.0, str(summary["Id"]))
