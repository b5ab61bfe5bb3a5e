# SPDX-License-Identifier: Apache-2.0
"""Calls of the AWS SDK as subsegments: few as they are, many as one."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from opentelemetry.instrumentation.botocore import BotocoreInstrumentor
from opentelemetry.sdk.trace import ReadableSpan

import xray_helper.session
from tests.unit.xray_helper.s3_server import SLOW_S, s3_client, s3_server
from xray_helper import Job, Settings, traced_job
from xray_helper.aws_calls.watch import MANY
from xray_helper.export.delivery import DeliveryReport
from xray_helper.translate.segments import segment_document

MB = 1024 * 1024
_make_instrumentor: Any = BotocoreInstrumentor
SETTINGS = Settings(job_name="job", otlp_endpoint="http://127.0.0.1:9", aws_calls=True, parent_deadline_s=0.1)
MANY_CALLS = 200


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
    assert sorted((one["aws.s3.bucket"], one["aws.s3.key"]) for one in metadata) == [
        ("places", "a"),
        ("places", "b"),
    ]
    assert {call["parent_id"] for call in calls} == {_step(exported, "Look")["id"]}


def test_many_calls_become_one(s3: Any, exported: list[ReadableSpan]) -> None:
    with traced_job(settings=SETTINGS) as job, job.step("Look"):
        for number in range(MANY_CALLS):
            s3.head_object(Bucket="places", Key="slow" if number == MANY_CALLS // 2 else f"key{number}")

    (call,) = _calls(exported)
    known = call["metadata"]["default"]
    assert (call["name"], call["aws"]["operation"]) == ("S3", "HeadObject")
    assert known["aws.calls"] == MANY_CALLS
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


def test_calls_of_the_transfer_manager_hang_below_the_step(
    s3: Any, exported: list[ReadableSpan], tmp_path: Path
) -> None:
    """``upload_file`` and ``download_file`` make their calls in threads that start each other."""
    (tmp_path / "small").write_bytes(b"x")
    (tmp_path / "large").write_bytes(b"x" * 11 * MB)
    multipart = TransferConfig(multipart_threshold=5 * MB, multipart_chunksize=5 * MB)
    with traced_job(settings=SETTINGS) as job:
        with job.step("Put"):
            s3.upload_file(str(tmp_path / "small"), "places", "small")
        with job.step("Put parts"):
            s3.upload_file(str(tmp_path / "large"), "places", "large", Config=multipart)
        with job.step("Get"):
            s3.download_file("places", "small", str(tmp_path / "copy"))

    names = {document["id"]: document["name"] for document in _documents(exported)}
    found = sorted((names[call["parent_id"]], call["aws"]["operation"]) for call in _calls(exported))
    assert found == [
        ("Get", "GetObject"),
        ("Get", "HeadObject"),
        ("Put", "PutObject"),
        ("Put parts", "CompleteMultipartUpload"),
        ("Put parts", "CreateMultipartUpload"),
        *[("Put parts", "UploadPart")] * 3,
    ]


def test_a_call_beside_a_suspended_generator_is_the_callers(s3: Any, exported: list[ReadableSpan]) -> None:
    def keys(job: Job) -> Iterator[str]:
        with job.step("List"):
            s3.head_object(Bucket="places", Key="in the generator")
            yield "a"

    with traced_job(settings=SETTINGS) as job:
        found = keys(job)
        next(found)
        s3.head_object(Bucket="places", Key="outside")
        with job.step("Look"):
            s3.head_object(Bucket="places", Key="inside")
        list(found)

    names = {document["id"]: document["name"] for document in _documents(exported)}
    above = {call["metadata"]["default"]["aws.s3.key"]: names[call["parent_id"]] for call in _calls(exported)}
    assert above == {"in the generator": "List", "outside": "job", "inside": "Look"}


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
