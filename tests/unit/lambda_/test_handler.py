# SPDX-License-Identifier: Apache-2.0
"""The handler against real sockets: what is started, what is raised, what is logged."""

from __future__ import annotations

import socket
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from start_pipeline import step_functions, xray
from start_pipeline.handler import PipelineNotStartedError, handler

from .conftest import Context
from .fake_aws import DENIED, FAILED, THROTTLED, FakeAws

Event = Callable[[str], dict[str, Any]]

LISTINGS_PARTS = (
    '["pipeline-data", "input/listings.csv", '
    '"version", "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY", "0067413F50A1B2C3D4"]'
)
LISTINGS_RUN = "listings-" + sha256(LISTINGS_PARTS.encode()).hexdigest()[:24]


def keys(aws: FakeAws) -> list[str]:
    return [start.document["key"] for start in aws.executions.values()]


def test_an_upload_starts_one_execution_with_the_input_of_the_contract(
    aws: FakeAws, event: Event, context: Context
) -> None:
    assert handler(event("s3_put"), context) == {"started": [LISTINGS_RUN], "duplicate": []}

    (start,) = aws.starts
    assert start.name == LISTINGS_RUN
    assert start.document == {
        "bucket": "pipeline-data",
        "key": "input/listings.csv",
        "version_id": "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY",
        "dataset": "listings",
        "trace_header": start.header,
        "run_date": "2026-11-21",
        "input_uri": "s3://pipeline-data/input/listings.csv",
        "clean_uri": f"s3://pipeline-data/clean/listings/run_id={LISTINGS_RUN}/",
        "processed_uri": f"s3://pipeline-data/processed/listings/run_id={LISTINGS_RUN}/",
        "rejected_uri": f"s3://pipeline-data/rejected/listings/run_id={LISTINGS_RUN}/",
    }


@pytest.mark.parametrize(
    ("name", "dataset", "version_id"),
    [
        ("s3_put_unversioned", "listings", None),
        ("s3_multipart", "2026/november/listings.v2", None),
        ("s3_copy", "listings", "QUpfdndhfd8438MNFDN93jdnJFkdmqnh"),
    ],
)
def test_every_way_of_creating_an_object_counts(
    aws: FakeAws, event: Event, context: Context, name: str, dataset: str, version_id: str | None
) -> None:
    handler(event(name), context)

    (start,) = aws.starts
    assert (start.document["dataset"], start.document["version_id"]) == (dataset, version_id)


def test_keys_arrive_decoded_and_stay_literal_in_uris(aws: FakeAws, event: Event, context: Context) -> None:
    handler(event("s3_encoded_keys"), context)

    assert keys(aws) == [
        "input/My Data+1.csv",
        "input/Été à Paris/品物.json",
        "input/100%/year=7/\"quoted\" 'x'.ndjson",
        'input/a\n{"level":"forged"};*?[].jsonl',
    ]
    assert [start.document["clean_uri"] for start in aws.starts] == [
        f"s3://pipeline-data/clean/My Data+1/run_id={aws.starts[0].name}/",
        f"s3://pipeline-data/clean/Été à Paris/品物/run_id={aws.starts[1].name}/",
        f"s3://pipeline-data/clean/100%/year=7/\"quoted\" 'x'/run_id={aws.starts[2].name}/",
        f's3://pipeline-data/clean/a\n{{"level":"forged"}};*?[]/run_id={aws.starts[3].name}/',
    ]


def test_a_long_key_starts(aws: FakeAws, event: Event, context: Context) -> None:
    long = event("s3_put")
    long["Records"][0]["s3"]["object"]["key"] = "input/" + "%C3%A9" * 363 + ".csv"

    handler(long, context)

    assert keys(aws) == ["input/" + "é" * 363 + ".csv"]  # 726 bytes of path: see test_names


def test_every_record_is_handled_and_each_object_version_once(
    aws: FakeAws, event: Event, context: Context, log_lines: list[dict[str, Any]]
) -> None:
    handler(event("s3_many_records"), context)

    assert keys(aws) == ["input/first.csv", "input/second.csv", "input/third.csv.gz"]
    assert len(aws.starts) == 3
    assert [(line["level"], line["message"], line["object"]) for line in log_lines[:2]] == [
        (
            "WARNING",
            "No execution is started. Its extension is not supported; supported are "
            ".csv, .json, .jsonl and .ndjson, each also with .gz in lower case.",
            "s3://pipeline-data/input/readme.txt",
        ),
        ("INFO", "Passed over. It marks a folder and holds no data.", "s3://pipeline-data/input/folder/"),
    ]


@pytest.mark.parametrize("name", ["s3_test_event", "s3_removed"])
def test_events_without_new_objects_start_nothing(
    aws: FakeAws, event: Event, context: Context, name: str
) -> None:
    assert handler(event(name), context) == {"started": [], "duplicate": []}
    assert aws.starts == []


@pytest.mark.parametrize("closed", [False, True])
def test_ten_deliveries_start_one_execution(
    aws: FakeAws, event: Event, context: Context, log_lines: list[dict[str, Any]], closed: bool
) -> None:
    handler(event("s3_put"), context)
    aws.closed = closed

    for _ in range(9):
        again = handler(event("s3_put_redelivery"), context)
        assert again == {"started": [], "duplicate": [LISTINGS_RUN]}

    assert list(aws.executions) == [LISTINGS_RUN]
    assert [line["message"] for line in log_lines] == [
        "Execution started.",
        *["Duplicate delivery: the execution was there already."] * 9,
    ]


def test_two_versions_within_a_second_are_two_executions_in_any_order(
    aws: FakeAws, event: Event, context: Context
) -> None:
    handler(event("s3_put_new_version"), context)
    handler(event("s3_put"), context)

    versions = [start.document["version_id"] for start in aws.executions.values()]
    assert versions == ["L4kqtJlcpXroDTDmpUMLUo9rmSpXd3dI", "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY"]


def test_throttling_is_retried_within_the_call(aws: FakeAws, event: Event, context: Context) -> None:
    aws.faults.extend([THROTTLED, FAILED])

    assert handler(event("s3_put"), context)["started"] == [LISTINGS_RUN]
    assert [start.name for start in aws.starts] == [LISTINGS_RUN] * 3


def test_one_bad_record_stops_no_other_and_the_retry_starts_only_what_is_missing(
    aws: FakeAws, event: Event, context: Context
) -> None:
    aws.faults_of["first"] = DENIED
    with pytest.raises(PipelineNotStartedError, match=r"^1 of the event's uploads .*AccessDeniedException"):
        handler(event("s3_many_records"), context)
    assert keys(aws) == ["input/second.csv", "input/third.csv.gz"]

    aws.faults_of.clear()
    again = handler(event("s3_many_records"), context)

    assert [name.split("-")[0] for name in again["started"]] == ["first"]
    assert [name.split("-")[0] for name in again["duplicate"]] == ["second", "third"]


def test_throttling_for_good_raises_after_three_attempts(
    aws: FakeAws, event: Event, context: Context
) -> None:
    aws.faults_of["listings"] = THROTTLED

    with pytest.raises(PipelineNotStartedError, match="ThrottlingException"):
        handler(event("s3_put"), context)
    assert len(aws.starts) == 3


def test_a_step_functions_that_hangs_raises_in_time(
    aws: FakeAws, event: Event, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step_functions, "READ_TIMEOUT", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SFN", f"http://127.0.0.1:{deaf.getsockname()[1]}")
        with pytest.raises(PipelineNotStartedError, match="ReadTimeoutError"):
            handler(event("s3_put"), context)

        for _ in range(3):
            deaf.accept()[0].close()
        deaf.setblocking(False)
        with pytest.raises(BlockingIOError):
            deaf.accept()
    (subsegment, root) = aws.segments
    assert (subsegment["fault"], root["fault"], root["in_progress"]) == (True, True, True)


def test_the_time_of_a_call_is_bounded() -> None:
    waits = 1 + 2  # seconds: standard retries wait at most 1, then 2
    call = step_functions.ATTEMPTS * (step_functions.CONNECT_TIMEOUT + step_functions.READ_TIMEOUT) + waits
    trace = xray.ATTEMPTS * (xray.CONNECT_TIMEOUT + xray.READ_TIMEOUT) + 1

    assert (call + trace) * 1000 <= step_functions.CALL_BUDGET_MS


def test_an_unreadable_record_is_raised_and_the_others_start(
    aws: FakeAws, event: Event, context: Context
) -> None:
    mixed = event("s3_many_records")
    del mixed["Records"][0]["s3"]["object"]["key"]

    with pytest.raises(PipelineNotStartedError, match="EventError: A record of the S3 event cannot be read"):
        handler(mixed, context)
    assert keys(aws) == ["input/second.csv", "input/third.csv.gz"]


def test_an_event_of_another_service_is_raised(aws: FakeAws, context: Context) -> None:
    with pytest.raises(PipelineNotStartedError, match=r"it has the keys \['awslogs'\]"):
        handler({"awslogs": {}}, context)


def test_what_there_is_no_time_for_is_left_to_the_retry(aws: FakeAws, event: Event) -> None:
    # At the start 60 s are left: 30 s are kept back. Before the second upload 31 s, before the third 29 s.
    with pytest.raises(
        PipelineNotStartedError, match=r"No time was left for 1 uploads, from s3://.*/third\.csv\.gz on"
    ):
        handler(event("s3_many_records"), Context(remaining=[60_000, 31_000, 29_000]))
    assert keys(aws) == ["input/first.csv", "input/second.csv"]


def test_log_lines_name_run_and_trace(
    aws: FakeAws,
    event: Event,
    context: Context,
    log_lines: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(
        "_X_AMZN_TRACE_ID", "Root=1-673f0000-aaaaaaaaaaaaaaaaaaaaaaaa;Parent=bbbbbbbbbbbbbbbb;Sampled=1"
    )

    handler(event("s3_put"), context)

    (line,) = log_lines
    assert line.pop("timestamp").endswith("+00:00")
    assert line == {
        "level": "INFO",
        "message": "Execution started.",
        "object": "s3://pipeline-data/input/listings.csv",
        "version_id": "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY",
        "run_id": LISTINGS_RUN,
        "trace_id": "1-673f0000-aaaaaaaaaaaaaaaaaaaaaaaa",
        "correlation_id": "1-673f0000-aaaaaaaaaaaaaaaaaaaaaaaa",
        "sampled": True,
    }
