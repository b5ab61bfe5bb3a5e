# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from xray_helper import XRayTrace
from xray_helper.propagation.trace_tree import ParentSource

TRACE_ID = "1-5759e988-bd862e3fe1be46a994272793"
Read = Callable[[str], list[str]]


def page(documents: list[str], token: str | None = None) -> dict[str, Any]:
    segments = [{"Id": json.loads(text)["id"], "Document": text} for text in documents]
    traces = [{"Id": TRACE_ID, "Duration": 1.0, "Segments": segments}]
    return {"Traces": traces, "UnprocessedTraceIds": [], **({"NextToken": token} if token else {})}


def test_the_step_is_found_through_batch_get_traces(xray: Any, trace_documents: Read) -> None:
    xray.traces = trace_documents("step_running.json")
    trace = XRayTrace(TRACE_ID)
    assert trace.retrieve_segment_for_step("Clean Data") == "1e57ed0000000002"
    assert (trace.source, trace.api) == (ParentSource.STEP, "BatchGetTraces")
    assert [(path, json.loads(body)) for path, body in xray.requests] == [
        ("/Traces", {"TraceIds": [TRACE_ID]})
    ]


def test_pages_are_read_to_the_last(xray: Any, trace_documents: Read, reply: Any) -> None:
    documents = trace_documents("step_running.json")

    def answer(path: str, body: bytes) -> Any:
        token = json.loads(body).get("NextToken")
        place = int(token or 0)
        return reply(
            page(documents[place : place + 1], str(place + 1) if place < len(documents) - 1 else None)
        )

    xray.answer = answer
    assert XRayTrace(TRACE_ID).retrieve_segment_for_step("Clean Data") == "1e57ed0000000002"
    assert len(xray.requests) == len(documents)


def test_a_trace_that_is_not_there_yet_is_asked_for_again(
    xray: Any, trace_documents: Read, reply: Any
) -> None:
    def answer(path: str, body: bytes) -> Any:
        if path != "/Traces":
            return reply({"Message": "off"}, 400)
        asked = sum(1 for path, _ in xray.requests if path == "/Traces")
        if asked == 1:
            return reply({"Traces": [], "UnprocessedTraceIds": [TRACE_ID]})
        if asked == 2:
            return reply({"Message": "slow down"}, 429, {"x-amzn-ErrorType": "ThrottledException"})
        return reply(page(trace_documents("step_running.json")))

    xray.answer = answer
    assert XRayTrace(TRACE_ID).retrieve_segment_for_step("Clean Data") == "1e57ed0000000002"
    assert [path for path, _ in xray.requests] == ["/Traces", "/StartTraceRetrieval", "/Traces", "/Traces"]


def test_with_transaction_search_the_trace_is_retrieved(xray: Any, trace_documents: Read, reply: Any) -> None:
    documents = trace_documents("step_running.json")
    polls = iter(["SCHEDULED", "RUNNING", "COMPLETE", "COMPLETE"])

    def answer(path: str, body: bytes) -> Any:
        request = json.loads(body)
        if path == "/Traces":
            return reply({"Traces": [], "UnprocessedTraceIds": [TRACE_ID]})
        if path == "/StartTraceRetrieval":
            assert request["TraceIds"] == [TRACE_ID]
            assert request["StartTime"] == 1465510280 - 300  # the trace's own time, less five minutes
            return reply({"RetrievalToken": "token-1"})
        assert (path, request["RetrievalToken"], request["TraceFormat"]) == (
            "/ListRetrievedTraces",
            "token-1",
            "XRAY",
        )
        status = next(polls)
        if status != "COMPLETE":
            return reply({"RetrievalStatus": status, "Traces": []})
        half = documents[3:] if request.get("NextToken") else documents[:3]
        spans = [{"Id": json.loads(text)["id"], "Document": text} for text in half]
        token = {} if request.get("NextToken") else {"NextToken": "more"}
        return reply({"RetrievalStatus": status, "Traces": [{"Id": TRACE_ID, "Spans": spans}], **token})

    xray.answer = answer
    trace = XRayTrace(TRACE_ID)
    assert trace.retrieve_segment_for_step("Clean Data") == "1e57ed0000000002"
    assert (trace.source, trace.api) == (ParentSource.STEP, "ListRetrievedTraces")


def test_without_the_inferred_segment_the_subsegment_is_given_after_a_while(
    xray: Any, trace_documents: Read
) -> None:
    xray.traces = [
        text for text in trace_documents("step_running.json") if "1e57ed" not in json.loads(text)["id"]
    ]
    trace = XRayTrace(TRACE_ID, deadline_s=1.0)
    assert trace.retrieve_segment_for_step("Clean Data", only_running=True) == "53995c3f42cd8a04"
    assert trace.source is ParentSource.SUBSEGMENT


@pytest.mark.parametrize("fault", ["hold", "reset", "trickle"])
def test_an_xray_that_hangs_costs_the_deadline_and_no_more(xray: Any, reply: Any, fault: str) -> None:
    xray.answer = lambda path, body: reply(**{fault: True})
    started = time.monotonic()
    assert XRayTrace(TRACE_ID, deadline_s=0.5).retrieve_segment_for_step("Clean Data") is None
    assert time.monotonic() - started < 0.5 + 0.3


@pytest.mark.parametrize(
    "body",
    [b"", b"no json", b"[]", b'{"Traces": null}', b'{"Traces": [{"Segments": null}]}', b'{"Traces": [{}]}',
     b'{"Traces": [{"Segments": [{"Id": "a"}]}]}', b'{"Traces": [{"Segments": [{"Document": "{"}]}]}'],
)  # fmt: skip
def test_nonsense_from_xray_is_no_answer(xray: Any, reply: Any, body: bytes) -> None:
    xray.answer = lambda path, _: reply(body)
    assert XRayTrace(TRACE_ID, deadline_s=0.3).retrieve_segment_for_step("Clean Data") is None


def test_an_xray_that_is_down_is_no_answer() -> None:
    trace = XRayTrace(TRACE_ID, deadline_s=0.4)
    assert trace.retrieve_segment_for_step("Clean Data") is None
    assert (trace.source, trace.api) == (None, None)


def test_a_client_that_raises_anything_is_no_answer() -> None:
    class Broken:
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError("no such thing")

    assert (
        XRayTrace(TRACE_ID, client=Broken(), deadline_s=0.3).retrieve_segment_for_step("Clean Data") is None
    )


def test_what_is_no_trace_id_is_not_asked_for(xray: Any) -> None:
    assert XRayTrace("nonsense").retrieve_segment_for_step("Clean Data") is None
    assert xray.requests == []
