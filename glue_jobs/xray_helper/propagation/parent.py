# SPDX-License-Identifier: Apache-2.0
"""Asks X-Ray which segment a job belongs below."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from xray_common.ids import is_trace_id, trace_start_epoch_s
from xray_common.retrieval import retrieve
from xray_helper.clients import aws_client
from xray_helper.error_boundary import LOGGER, run_bounded
from xray_helper.propagation.trace_tree import Found, ParentSource, TraceTree

_FIRST_PAUSE_S: Final = 0.2
_LONGEST_PAUSE_S: Final = 2.0
_SETTLE_S: Final = 2.0  # how long the inferred segment may arrive after the call that it was inferred from
_MAX_PAGES: Final = 100
_CLOCK_SKEW: Final = timedelta(minutes=5)


class XRayTrace:
    """One trace in X-Ray.

    Parameters
    ----------
    trace_id
        ``1-<8 hex>-<24 hex>``.
    client
        A client of X-Ray; made with short time-outs when it is first needed.
    deadline_s
        Longest time one call may take, seconds.

    Attributes
    ----------
    source
        How the last answer was found; None when there was none.
    api
        ``BatchGetTraces`` or ``ListRetrievedTraces``: which operation gave the documents of the last answer.

    Examples
    --------
    >>> trace = XRayTrace("no trace id")
    >>> trace.retrieve_segment_for_step("Clean Data") is None
    True
    """

    def __init__(self, trace_id: str, *, client: Any | None = None, deadline_s: float = 10.0) -> None:
        self.trace_id = trace_id
        self.source: ParentSource | None = None
        self.api: str | None = None
        self._client = client
        self._deadline_s = deadline_s
        self._has_transaction_search = True  # until X-Ray says otherwise
        self._logged: set[str] = set()

    def retrieve_segment_for_step(self, step_name: str, *, only_running: bool = False) -> str | None:
        """Find the segment that belongs to a Step Functions step; never raises, never outlasts the deadline.

        Looks for the newest visit of the state, takes ``aws.request_id`` of its call, and returns the id of
        the segment with that request id. X-Ray shows a trace seconds after it was written: the question is
        repeated with growing, jittered pauses. Where only part of this is to be seen, the id of the call's
        subsegment, at last of the state's subsegment, is returned; ``source`` says which.

        Parameters
        ----------
        step_name
            Name of the state, e.g. ``Clean Data``.
        only_running
            Pass over a visit that is over. For a job that asks for the step that started it.

        Returns
        -------
        str or None
            16 hex digits; None when the trace, the step or X-Ray did not show up in time.
        """
        self.source = self.api = None
        best: list[tuple[Found, str]] = []
        if not is_trace_id(self.trace_id):
            return None
        deadline = time.monotonic() + self._deadline_s

        def ask() -> None:
            self._poll(step_name, only_running, deadline, best)

        run_bounded(ask, seconds=self._deadline_s, name="xray-parent")
        if not best:
            return None
        found, self.api = best[-1]
        self.source = found.source
        return found.id

    def _poll(
        self, step_name: str, only_running: bool, deadline: float, best: list[tuple[Found, str]]
    ) -> None:
        call_seen_at = None
        for pause in _pauses():
            if time.monotonic() >= deadline:
                return
            documents, api = self._documents(deadline)
            found = TraceTree(documents).find_step(step_name, only_running=only_running)
            if found is not None:
                best.append((found, api))
                if found.source is ParentSource.STEP:
                    return
                if found.source is ParentSource.SUBSEGMENT:
                    call_seen_at = call_seen_at or time.monotonic()
                    if time.monotonic() - call_seen_at >= _SETTLE_S:
                        return
            time.sleep(max(0.0, min(pause, deadline - time.monotonic())))

    def _documents(self, deadline: float) -> tuple[list[str], str]:
        """Read the trace's documents; a fault of X-Ray counts as "nothing there yet"."""
        try:
            client = self._client = self._client or aws_client("xray")
            documents = _batch_get(client, self.trace_id, deadline)
        except Exception as error:
            self._log(error)
            return [], "BatchGetTraces"
        if documents or not self._has_transaction_search:
            return documents, "BatchGetTraces"
        try:
            return _retrieve(client, self.trace_id, deadline), "ListRetrievedTraces"
        except Exception as error:  # not switched on, not allowed, or an older botocore
            self._has_transaction_search = _is_throttled(error)
            LOGGER.debug("Transaction Search gave no answer: %s", error)
            return [], "ListRetrievedTraces"

    def _log(self, error: Exception) -> None:
        kind = type(error).__name__
        if kind not in self._logged:
            self._logged.add(kind)
            LOGGER.info("X-Ray did not answer the look-up of trace %s: %s: %s", self.trace_id, kind, error)


def _batch_get(client: Any, trace_id: str, deadline: float) -> list[str]:
    documents: list[str] = []
    request: dict[str, Any] = {"TraceIds": [trace_id]}
    for _ in range(_MAX_PAGES):
        page = client.batch_get_traces(**request)
        traces = page.get("Traces") or []
        documents += [segment["Document"] for trace in traces for segment in trace.get("Segments") or []]
        request["NextToken"] = page.get("NextToken")
        if not request["NextToken"] or time.monotonic() >= deadline:
            break
    return documents


def _retrieve(client: Any, trace_id: str, deadline: float) -> list[str]:
    started = datetime.fromtimestamp(trace_start_epoch_s(trace_id), timezone.utc)
    start, end = started - _CLOCK_SKEW, datetime.now(timezone.utc) + _CLOCK_SKEW
    documents: list[str] = []
    retrieval = retrieve(client, trace_id, start=start, end=end, deadline=deadline, pauses=_pauses())
    if retrieval.is_under_way:
        return documents
    for traces in retrieval.pages():
        documents += [span["Document"] for trace in traces for span in trace.get("Spans") or []]
        if time.monotonic() >= deadline:
            break
    return documents


def _pauses() -> Iterator[float]:
    """Yield seconds to wait between two questions: growing, jittered."""
    pause = _FIRST_PAUSE_S
    while True:
        yield pause * random.uniform(0.5, 1.5)  # noqa: S311 - jitter, no secret
        pause = min(2 * pause, _LONGEST_PAUSE_S)


def _is_throttled(error: Exception) -> bool:
    response = getattr(error, "response", None) or {}
    return "Throttl" in str(response.get("Error", {}).get("Code", ""))
