# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from unittest.mock import ANY

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from moto import mock_aws

from trace_viewer import TraceNotFoundError, XRayError, fetch_trace, latest_trace_id

TRACE_ID = "1-69202261-0123456789abcdef01234567"


@pytest.fixture
def xray(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield boto3.client("xray", region_name="us-east-1")


@pytest.fixture
def stubbed() -> Iterator[Any]:
    client = boto3.client(
        "xray", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    with Stubber(client) as stubber:
        yield client, stubber
        stubber.assert_no_pending_responses()


def put(xray: Any, *documents: dict[str, Any]) -> None:
    result = xray.put_trace_segments(TraceSegmentDocuments=[json.dumps(item) for item in documents])
    assert result["UnprocessedTraceSegments"] == []


def segment(trace_id: str, name: str, start: float) -> dict[str, Any]:
    identity = f"{abs(hash(name)) % 2**64:016x}"
    return {"trace_id": trace_id, "id": identity, "name": name, "start_time": start, "end_time": start + 2}


def test_a_trace_comes_back_as_batch_get_traces_returns_it(xray: Any) -> None:
    sent = segment(TRACE_ID, "web", 1763713633.0)
    put(xray, sent)
    trace = fetch_trace(TRACE_ID)
    answer = trace.to_json()
    assert list(answer) == ["Id", "Duration", "Segments"]
    assert [list(item) for item in answer["Segments"]] == [["Id", "Document"]]
    assert json.loads(answer["Segments"][0]["Document"]) == sent
    assert (answer["Id"], answer["Duration"], trace.tree.root.name) == (TRACE_ID, 2, "web")


def test_an_unknown_trace_is_said_in_one_sentence(xray: Any) -> None:
    with pytest.raises(
        TraceNotFoundError, match=f"X-Ray has no trace {TRACE_ID}: check the id, region and account"
    ):
        fetch_trace(TRACE_ID)


def test_the_latest_trace_is_the_one_that_started_last(xray: Any) -> None:
    now = int(time.time())
    older, newer = (f"1-{now - age:08x}-0123456789abcdef01234567" for age in (600, 60))
    put(xray, segment(newer, "new", now - 60), segment(older, "old", now - 600))
    assert latest_trace_id() == newer


def test_no_trace_at_all_is_said_in_one_sentence(xray: Any) -> None:
    with pytest.raises(TraceNotFoundError, match="no trace of the last 24 hours"):
        latest_trace_id()


def test_pages_are_joined_and_repeated_documents_dropped(stubbed: Any) -> None:
    client, stubber = stubbed
    one, two = ({"Id": name, "Document": json.dumps(segment(TRACE_ID, name, 1.0))} for name in ("a", "b"))
    for token, documents in ((None, [one]), ("more", [one, two])):
        page = {"Id": TRACE_ID, "Duration": 1.5, "Segments": documents, "LimitExceeded": token is not None}
        request = {"TraceIds": [TRACE_ID]} | ({"NextToken": token} if token else {})
        stubber.add_response(
            "batch_get_traces", {"Traces": [page]} | ({} if token else {"NextToken": "more"}), request
        )
    trace = fetch_trace(TRACE_ID, client=client)
    assert [identity for identity, _ in trace.segments] == ["a", "b"]
    assert trace.limit_exceeded


def test_with_transaction_search_the_trace_is_retrieved(stubbed: Any) -> None:
    client, stubber = stubbed
    document = json.dumps(segment(TRACE_ID, "web", 1763713633.0))
    stubber.add_response("batch_get_traces", {"Traces": []})
    stubber.add_response(
        "get_trace_segment_destination", {"Destination": "CloudWatchLogs", "Status": "ACTIVE"}
    )
    window = {"TraceIds": [TRACE_ID], "StartTime": ANY, "EndTime": ANY}
    stubber.add_response("start_trace_retrieval", {"RetrievalToken": "token"}, window)
    listing = {"RetrievalToken": "token", "TraceFormat": "XRAY"}
    stubber.add_response("list_retrieved_traces", {"RetrievalStatus": "RUNNING", "Traces": []}, listing)
    pages = [
        {"Id": TRACE_ID, "Duration": 1.5, "Spans": [{"Id": name, "Document": document}]} for name in "ab"
    ]
    first = {"RetrievalStatus": "COMPLETE", "Traces": pages[:1], "NextToken": "more"}
    stubber.add_response("list_retrieved_traces", first, listing)
    second = {"RetrievalStatus": "COMPLETE", "Traces": pages[1:]}
    stubber.add_response("list_retrieved_traces", second, listing | {"NextToken": "more"})
    assert [identity for identity, _ in fetch_trace(TRACE_ID, client=client).segments] == ["a", "b"]


@pytest.mark.parametrize(
    ("status", "message"),
    [("FAILED", "ended FAILED: try again"), ("RUNNING", "took longer than 0 s: try again")],
)
def test_a_retrieval_that_does_not_end_well_is_said(stubbed: Any, status: str, message: str) -> None:
    client, stubber = stubbed
    stubber.add_response("batch_get_traces", {"Traces": []})
    stubber.add_response("get_trace_segment_destination", {"Destination": "CloudWatchLogs"})
    stubber.add_response("start_trace_retrieval", {"RetrievalToken": "token"})
    stubber.add_response("list_retrieved_traces", {"RetrievalStatus": status})
    if status == "RUNNING":
        stubber.add_response("cancel_trace_retrieval", {}, {"RetrievalToken": "token"})
    with pytest.raises(XRayError, match=message):
        fetch_trace(TRACE_ID, client=client, deadline=0)


def test_the_search_starts_where_the_trace_id_says() -> None:
    from trace_viewer.xray.fetch import search_range

    now = datetime(2025, 11, 21, 12, tzinfo=UTC)
    start, end = search_range("1-69202261-0123456789abcdef01234567", now)  # 0x69202261: 08:27:13 of that day
    assert (start, end) == (datetime(2025, 11, 21, 8, 22, 13, tzinfo=UTC), now)
    # A W3C id carries no time: all that X-Ray keeps is searched.
    assert search_range("1-ffffffff-0123456789abcdef01234567", now)[0] == datetime(
        2025, 10, 22, 12, tzinfo=UTC
    )


def test_an_answer_that_is_no_is_said(stubbed: Any) -> None:
    client, stubber = stubbed
    stubber.add_client_error("batch_get_traces", "AccessDeniedException", "not allowed")
    with pytest.raises(XRayError, match=f"could not be asked for trace {TRACE_ID}: .*not allowed") as caught:
        fetch_trace(TRACE_ID, client=client)
    assert isinstance(caught.value.__cause__, ClientError)
