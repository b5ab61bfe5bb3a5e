# SPDX-License-Identifier: Apache-2.0
"""One trace per object version: what arrives at Step Functions, at the daemon and at X-Ray."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from start_pipeline.handler import PipelineNotStartedError, handler

from .conftest import Context
from .fake_aws import LOST, THROTTLED, Daemon, FakeAws, Start

Event = Callable[[str], dict[str, Any]]
Document = dict[str, Any]

LAMBDA_TRACE = "1-673f0000-aaaaaaaaaaaaaaaaaaaaaaaa"
LAMBDA_SEGMENT = "bbbbbbbbbbbbbbbb"
SAMPLED = f"Root={LAMBDA_TRACE};Parent={LAMBDA_SEGMENT};Sampled=1;Lineage=1:24be7a1c:0"
OTHER_SAMPLED = "Root=1-673f1111-cccccccccccccccccccccccc;Parent=dddddddddddddddd;Sampled=1"
UNSAMPLED = f"Root={LAMBDA_TRACE};Parent={LAMBDA_SEGMENT};Sampled=0"

EPOCH = "6b0152a0"  # date -u -d '2026-11-21T08:13:20Z' +%s, in hexadecimal
DIGEST = sha256(
    b'["pipeline-data", "input/listings.csv", '
    b'"version", "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY", "0067413F50A1B2C3D4"]'
).hexdigest()
OWN_TRACE, OWN_SEGMENT = f"1-{EPOCH}-{DIGEST[24:48]}", DIGEST[48:64]


@pytest.fixture(autouse=True)
def sampled(lambda_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", SAMPLED)


def parts(header: str) -> dict[str, str]:
    return dict(part.split("=") for part in header.split(";"))


def header_of(start: Start) -> dict[str, str]:
    """Return the header's parts; it is the same in HTTP, in the argument and in the input."""
    assert start.header == start.argument == start.document["trace_header"]
    return parts(start.header)


def test_the_upload_joins_the_trace_of_lambda(
    aws: FakeAws, daemon: Daemon, event: Event, context: Context
) -> None:
    handler(event("s3_put"), context)

    (start,) = aws.starts
    (subsegment,) = daemon.documents()
    assert header_of(start) == {"Root": LAMBDA_TRACE, "Parent": subsegment["id"], "Sampled": "1"}
    assert 0 < subsegment.pop("start_time") <= subsegment.pop("end_time")
    assert subsegment == {
        "id": subsegment["id"],
        "type": "subsegment",
        "trace_id": LAMBDA_TRACE,
        "parent_id": LAMBDA_SEGMENT,
        "name": "StartExecution",
        "namespace": "aws",
        "in_progress": False,
        "aws": {
            "operation": "StartExecution",
            "region": "us-east-1",
            "request_id": "11111111-2222-3333-4444-555555555555",
            "retries": 0,
        },
        "annotations": {"dataset": "listings", "run_id": start.name},
    }
    assert aws.segments == []


def test_a_second_delivery_marks_its_own_invocation_and_no_pipeline(
    aws: FakeAws, daemon: Daemon, event: Event, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler(event("s3_put"), context)
    daemon.documents()
    monkeypatch.setenv("_X_AMZN_TRACE_ID", OTHER_SAMPLED)

    handler(event("s3_put_redelivery"), context)

    (subsegment,) = daemon.documents()
    assert subsegment["trace_id"] == "1-673f1111-cccccccccccccccccccccccc"
    assert subsegment["annotations"] == {"duplicate_delivery": True}
    assert subsegment["metadata"]["default"] == {"dataset": "listings", "run_id": aws.starts[0].name}
    assert "fault" not in subsegment and "error" not in subsegment


@pytest.mark.parametrize(
    "header",
    [
        UNSAMPLED,
        None,
        "",
        "Root=1-6;Parent=x;Sampled=1",
        f"Root={LAMBDA_TRACE}",
        f"{LAMBDA_TRACE};;=;Sampled=1",
    ],
)
def test_without_lambdas_sampling_the_upload_has_a_trace_of_its_own(
    aws: FakeAws,
    daemon: Daemon,
    event: Event,
    context: Context,
    monkeypatch: pytest.MonkeyPatch,
    header: str | None,
) -> None:
    if header is None:
        monkeypatch.delenv("_X_AMZN_TRACE_ID")
    else:
        monkeypatch.setenv("_X_AMZN_TRACE_ID", header)

    handler(event("s3_put"), context)

    subsegment, root = aws.segments
    assert header_of(aws.starts[0]) == {"Root": OWN_TRACE, "Parent": subsegment["id"], "Sampled": "1"}
    assert (subsegment["trace_id"], subsegment["parent_id"]) == (OWN_TRACE, OWN_SEGMENT)
    assert 0 < root.pop("start_time") <= root.pop("end_time")
    assert root == {
        "id": OWN_SEGMENT,
        "trace_id": OWN_TRACE,
        "name": "start-pipeline",
        "origin": "AWS::Lambda::Function",
        "in_progress": False,
        "aws": {
            "function_arn": "arn:aws:lambda:us-east-1:123456789012:function:start-pipeline",
            "request_id": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        },
        "annotations": {"dataset": "listings", "run_id": aws.starts[0].name},
    }
    assert daemon.documents() == []


def test_a_second_delivery_without_sampling_sends_nothing(
    aws: FakeAws, event: Event, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler(event("s3_put"), context)
    monkeypatch.setenv("_X_AMZN_TRACE_ID", UNSAMPLED)

    handler(event("s3_put"), context)

    assert aws.segments == []


def test_each_upload_of_an_event_has_its_trace(
    aws: FakeAws, daemon: Daemon, event: Event, context: Context
) -> None:
    handler(event("s3_many_records"), context)

    documents = daemon.documents()
    roots = [header_of(start)["Root"] for start in aws.starts]
    assert roots[0] == LAMBDA_TRACE
    assert len(set(roots)) == 3
    assert [d["trace_id"] for d in documents] == [roots[0], roots[1], roots[1], roots[2], roots[2]]
    for start, trace in zip(aws.starts, roots, strict=True):
        known = {d["id"] for d in documents if d["trace_id"] == trace} | {LAMBDA_SEGMENT}
        assert header_of(start)["Parent"] in known
        assert all(d["parent_id"] in known for d in documents if d["trace_id"] == trace and "parent_id" in d)


def test_a_retry_continues_the_trace_of_the_failed_attempt(
    aws: FakeAws, daemon: Daemon, event: Event, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.faults_of["second"] = THROTTLED
    with pytest.raises(PipelineNotStartedError):
        handler(event("s3_many_records"), context)
    failed = [d for d in daemon.documents() if d["annotations"].get("dataset") == "second"]
    aws.faults_of.clear()
    monkeypatch.setenv("_X_AMZN_TRACE_ID", OTHER_SAMPLED)

    handler(event("s3_many_records"), context)

    again = daemon.documents()
    done = [d for d in again if d["annotations"].get("dataset") == "second"]
    assert [(d["name"], d["in_progress"], d.get("fault")) for d in failed + done] == [
        ("StartExecution", False, True),
        ("start-pipeline", True, True),
        ("StartExecution", False, None),
        ("start-pipeline", False, None),
    ]
    assert len({d["trace_id"] for d in failed + done}) == 1
    assert failed[1]["id"] == done[1]["id"] == failed[0]["parent_id"] == done[0]["parent_id"]
    assert "end_time" not in failed[1]
    assert "(ThrottlingException)" in failed[0]["cause"]["exceptions"][0]["message"]
    # The first upload had joined the first invocation's trace, and only marks the second one's.
    others = [d for d in again if d not in done]
    assert [d["annotations"] for d in others] == [{"duplicate_delivery": True}]


@pytest.mark.parametrize("closed", [False, True])
def test_a_lost_answer_counts_as_started_and_the_trace_is_whole(
    aws: FakeAws, event: Event, context: Context, monkeypatch: pytest.MonkeyPatch, closed: bool
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", UNSAMPLED)
    aws.faults.append(LOST)
    aws.closed = closed  # the second attempt meets ExecutionAlreadyExists

    outcome = handler(event("s3_put"), context)

    assert len(outcome["started"]) == len(aws.executions) == 1
    subsegment, root = aws.segments
    assert subsegment["id"] == header_of(aws.executions[outcome["started"][0]])["Parent"]
    assert subsegment["aws"]["retries"] == 1
    assert root["annotations"] == {"dataset": "listings", "run_id": outcome["started"][0]}


def test_throttled_duplicates_stay_duplicates(aws: FakeAws, event: Event, context: Context) -> None:
    handler(event("s3_put"), context)
    aws.faults.append(THROTTLED)

    assert len(handler(event("s3_put"), context)["duplicate"]) == 1


def test_a_rate_of_zero_holds_for_the_whole_trace(
    aws: FakeAws, daemon: Daemon, event: Event, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACE_SAMPLING_RATE", "0")

    handler(event("s3_put"), context)

    header = header_of(aws.starts[0])
    assert (header["Root"], header["Sampled"]) == (OWN_TRACE, "0")
    assert daemon.documents() == aws.segments == []
