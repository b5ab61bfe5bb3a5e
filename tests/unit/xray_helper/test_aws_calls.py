# SPDX-License-Identifier: Apache-2.0
"""Calls of the AWS SDK as subsegments: few as they are, many as one."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from opentelemetry.instrumentation.botocore import BotocoreInstrumentor
from opentelemetry.sdk.trace import ReadableSpan

import xray_helper.session
from tests.unit.xray_helper.s3_server import SLOW_S, s3_client, s3_server
from xray_helper import Settings, traced_job
from xray_helper.aws_calls.watch import MANY
from xray_helper.export.delivery import DeliveryReport
from xray_helper.translate.segments import segment_document

_make_instrumentor: Any = BotocoreInstrumentor
SETTINGS = Settings(job_name="job", otlp_endpoint="http://127.0.0.1:9", aws_calls=True, parent_deadline_s=0.1)


@pytest.fixture
def s3() -> Iterator[Any]:
    with s3_server() as url:
        yield s3_client(url)


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> list[ReadableSpan]:
    spans: list[ReadableSpan] = []

    def deliver(given: list[ReadableSpan], **_: Any) -> DeliveryReport:
        spans.extend(given)
        return DeliveryReport()

    monkeypatch.setattr(xray_helper.session, "deliver", deliver)
    return spans


def _documents(spans: list[ReadableSpan]) -> list[dict[str, Any]]:
    return [segment_document(span) for span in spans]


def _calls(spans: list[ReadableSpan]) -> list[dict[str, Any]]:
    return [document for document in _documents(spans) if document.get("namespace") == "aws"]


def _step(spans: list[ReadableSpan], name: str) -> dict[str, Any]:
    (found,) = (document for document in _documents(spans) if document["name"] == name)
    return found


def test_few_calls_stay_subsegments_with_operation_bucket_and_key(
    s3: Any, exported: list[ReadableSpan]
) -> None:
    with traced_job(settings=SETTINGS) as job, job.step("Look"):
        for key in ("a", "b"):
            s3.head_object(Bucket="places", Key=key)

    calls = _calls(exported)
    assert [call["name"] for call in calls] == ["S3", "S3"]
    assert [call["aws"]["operation"] for call in calls] == ["HeadObject", "HeadObject"]
    metadata = [call["metadata"]["default"] for call in calls]
    assert [(one["aws.s3.bucket"], one["aws.s3.key"]) for one in metadata] == [
        ("places", "a"),
        ("places", "b"),
    ]
    assert {call["parent_id"] for call in calls} == {_step(exported, "Look")["id"]}


def test_a_thousand_calls_become_one(s3: Any, exported: list[ReadableSpan]) -> None:
    with traced_job(settings=SETTINGS) as job, job.step("Look"):
        for number in range(1_000):
            s3.head_object(Bucket="places", Key="slow" if number == 500 else f"key{number}")

    (call,) = _calls(exported)
    known = call["metadata"]["default"]
    assert (call["name"], call["aws"]["operation"]) == ("S3", "HeadObject")
    assert known["aws.calls"] == 1_000
    assert known["aws.s3.key"] == "slow"  # of the longest
    assert SLOW_S * 1_000 <= known["aws.calls.max_ms"] < known["aws.calls.total_ms"]
    assert known["aws.calls.total_ms"] <= (call["end_time"] - call["start_time"]) * 1_000
    assert (call["parent_id"], len(exported)) == (_step(exported, "Look")["id"], 3)


def test_failures_are_told_apart_and_come_out_as_they_are(s3: Any, exported: list[ReadableSpan]) -> None:
    with traced_job(settings=SETTINGS) as job, job.step("Look"):
        for number in range(MANY + 1):
            with pytest.raises(ClientError, match="404"):
                s3.head_object(Bucket="places", Key=f"missing{number}")
            s3.head_object(Bucket="places", Key=f"key{number}")

    good, bad = sorted(_calls(exported), key=lambda call: "cause" in call)
    assert good["metadata"]["default"]["aws.calls"] == bad["metadata"]["default"]["aws.calls"] == MANY + 1
    assert "404" in json.dumps(bad["cause"])


def test_calls_outside_of_steps_and_in_threads_hang_below_the_job(
    s3: Any, exported: list[ReadableSpan]
) -> None:
    with traced_job(settings=SETTINGS):
        s3.head_object(Bucket="places", Key="here")
        thread = threading.Thread(target=s3.head_object, kwargs={"Bucket": "places", "Key": "there"})
        thread.start()
        thread.join()

    assert {call["parent_id"] for call in _calls(exported)} == {_step(exported, "job")["id"]}
    assert len(_calls(exported)) == 2


def test_calls_are_not_watched_unless_asked_for_and_the_sdk_is_left_as_it_was(
    s3: Any, exported: list[ReadableSpan]
) -> None:
    before = BaseClient._make_api_call
    with traced_job(settings=SETTINGS):
        assert BaseClient._make_api_call is not before
    assert BaseClient._make_api_call is before
    exported.clear()

    with traced_job(settings=Settings(otlp_endpoint="http://127.0.0.1:9")):
        s3.head_object(Bucket="places", Key="a")
    assert _calls(exported) == []


def test_somebody_elses_instrumentation_stays(s3: Any, exported: list[ReadableSpan]) -> None:
    instrumentor: Any = _make_instrumentor()
    instrumentor.instrument()
    try:
        with traced_job(settings=SETTINGS):
            s3.head_object(Bucket="places", Key="a")
        assert instrumentor.is_instrumented_by_opentelemetry
    finally:
        instrumentor.uninstrument()

    assert _calls(exported) == []
    assert _step(exported, "job")["metadata"]["default"]["xray.telemetry.faults"] == 1
