# SPDX-License-Identifier: Apache-2.0
"""The documented limits of AWS, at their edges: what fits goes through, what does not never leaves us."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from typing import Any

import botocore.session
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import Span

from local_cloud.emulator import ApiError
from local_cloud.services.glue.arguments import RunArguments
from start_pipeline.execution import execution_input, execution_name
from start_pipeline.object_version import ObjectVersion
from tests.integration.contract.conftest import ASL
from tests.integration.contract.recorder import Recorder
from tests.integration.contract.segments import MAX_DOCUMENT_BYTES, violations
from xray_common.trace_header import TraceHeader
from xray_helper.budget.trimming import MAX_DOCUMENT_BYTES as OUR_DOCUMENT_BYTES
from xray_helper.budget.trimming import trim
from xray_helper.export.xray import send_to_xray
from xray_helper.record.annotations import MAX_ANNOTATIONS_PER_JOB, Annotations
from xray_helper.translate.segments import document_bytes, segment_document

GLUE_ARGUMENTS_BYTES = 260 * 1024  # Glue developer guide, "Using job parameters in AWS Glue jobs"
DATASET_BYTES = 726  # of the 1,024 of a key: the longest that starts a run, tests/unit/jobs/test_names.py
TRACE_ANNOTATIONS = 50  # AWS General Reference, "AWS X-Ray quotas"
JOBS = 2  # in one trace
HEADER = str(TraceHeader("1-581cf771-a006649127e371903a2de979", parent_id="53995c3f42cd8ad8", sampled=True))
START = botocore.session.get_session().get_service_model("stepfunctions").operation_model("StartExecution")
LONGEST_KEYS = {
    "ascii": "input/" + "k" * DATASET_BYTES + ".csv",
    "folders": "input/" + "a/" * 362 + "dd.csv",
    "umlauts": "input/" + "ü" * 363 + ".csv",
    "quotes": "input/" + '"\\' * 363 + ".csv",  # each is two characters in JSON
    "emoji": "input/" + "\U0001f600" * 181 + ".csv",  # each is twelve in JSON
}


def upload(key: str) -> ObjectVersion:
    assert DATASET_BYTES - 4 < len(key.encode()) - len("input/.csv") <= DATASET_BYTES
    return ObjectVersion(
        bucket="b" * 63,
        key=key,
        version_id="v" * 1024,
        etag="e" * 32,
        sequencer="0067413F50A1B2C3D4",
        event_time=datetime(2026, 11, 21, tzinfo=UTC),
    )


@pytest.mark.parametrize("key", LONGEST_KEYS.values(), ids=LONGEST_KEYS)
def test_the_longest_key_still_starts_an_execution(key: str) -> None:
    members = START.input_shape.members
    found = upload(key)
    name = execution_name(found)
    assert 1 <= len(name) <= members["name"].metadata["max"] == 80
    document = json.dumps(execution_input(found, name=name, trace_header=HEADER))
    assert len(document.encode()) <= members["input"].metadata["max"] == 262_144
    assert len(HEADER) <= members["traceHeader"].metadata["max"] == 256
    assert HEADER.isascii()


@pytest.mark.parametrize("key", LONGEST_KEYS.values(), ids=LONGEST_KEYS)
def test_the_longest_key_fits_into_the_jobs_arguments(key: str) -> None:
    found = upload(key)
    values = execution_input(found, name=execution_name(found), trace_header=HEADER)
    for state in json.loads(ASL)["States"].values():
        if state["Type"] != "Task":
            continue
        given = {name: str(values.get(name[2:]) or state["Type"]) for name in state["Arguments"]["Arguments"]}
        assert given["--trace_header"] == HEADER
        RunArguments(defaults={"--extra-py-files": "s3://" + "b" * 1080}, given=given, fixed={})


def test_glue_takes_260_kilobytes_of_arguments_and_no_byte_more() -> None:
    fitting = {"--a": "ü" * ((GLUE_ARGUMENTS_BYTES - 4) // 2), "": "x"}
    assert (
        sum(len(name.encode()) + len(value.encode()) for name, value in fitting.items())
        == GLUE_ARGUMENTS_BYTES
    )
    RunArguments(defaults={}, given=fitting, fixed={})
    with pytest.raises(ApiError):
        RunArguments(defaults={"--b": ""}, given=fitting, fixed={})


def documents(count: int) -> list[str]:
    trace_id = f"1-581cf771-{secrets.token_hex(12)}"
    times = {"start_time": 1478293361.0, "end_time": 1478293362.0}
    return [
        json.dumps({"name": "n", "id": f"{i + 1:016x}", "trace_id": trace_id, **times}) for i in range(count)
    ]


class CountingXRay:
    """Counts the documents of each call."""

    def __init__(self) -> None:
        self.calls: list[int] = []

    def put_trace_segments(self, *, TraceSegmentDocuments: list[str]) -> dict[str, Any]:  # noqa: N803
        self.calls.append(len(TraceSegmentDocuments))
        return {"UnprocessedTraceSegments": []}


@pytest.mark.parametrize(("count", "calls"), [(1, [1]), (50, [50]), (51, [50, 1]), (101, [50, 50, 1])])
def test_no_call_puts_more_than_50_documents(count: int, calls: list[int]) -> None:
    xray = CountingXRay()
    assert send_to_xray(documents(count), seconds=10, client=xray).unsent == []
    assert xray.calls == calls


def test_the_local_xray_takes_50_documents_and_refuses_51(recorder: Recorder) -> None:
    xray = recorder.client("xray")
    assert xray.put_trace_segments(TraceSegmentDocuments=documents(50))["UnprocessedTraceSegments"] == []
    with pytest.raises(xray.exceptions.InvalidRequestException):
        xray.put_trace_segments(TraceSegmentDocuments=documents(51))


def test_the_local_xray_takes_64_kilobytes_and_refuses_a_byte_more(recorder: Recorder) -> None:
    (text,) = documents(1)
    document = json.loads(text) | {"metadata": {"default": {"text": ""}}}
    empty = len(json.dumps(document).encode())
    answers = []
    for size in (MAX_DOCUMENT_BYTES, MAX_DOCUMENT_BYTES + 1):
        document["metadata"]["default"]["text"] = "x" * (size - empty)
        put = recorder.client("xray").put_trace_segments(TraceSegmentDocuments=[json.dumps(document)])
        answers.append(len(put["UnprocessedTraceSegments"]))
    assert answers == [0, 1]


def span_of(**attributes: Any) -> Any:
    span: Span = TracerProvider().get_tracer("contract").start_span("Read Data", attributes=attributes)
    span.end()
    return span


@pytest.mark.parametrize("letter", ["x", "ü", "\U0001f600", "\ud800", '"', "\x00"])
def test_no_text_makes_a_document_too_large(letter: str) -> None:
    span = span_of(**{f"attribute.{index}": letter * 100_000 for index in range(40)})
    trimmed, cut, _ = trim(span, weigh=document_bytes)
    assert document_bytes(trimmed) <= OUR_DOCUMENT_BYTES <= MAX_DOCUMENT_BYTES
    assert cut >= 40
    assert violations(segment_document(trimmed)) == []


def test_the_annotations_of_two_jobs_leave_room_for_lambda() -> None:
    annotations = Annotations()
    span = TracerProvider().get_tracer("contract").start_span("job")
    annotations.add(span, {f"key_{index}": index for index in range(MAX_ANNOTATIONS_PER_JOB + 1)})
    span.end()
    document = segment_document(span)  # type: ignore[arg-type]
    assert len(document["annotations"]) == MAX_ANNOTATIONS_PER_JOB
    assert annotations.dropped == 1
    assert (
        JOBS * MAX_ANNOTATIONS_PER_JOB <= TRACE_ANNOTATIONS - 4
    )  # dataset and run_id on each call of the function


@pytest.mark.parametrize("value", ["x" * 1_001, "\U0001f600" * 1_001])
def test_an_annotation_stays_within_1000_characters(value: str) -> None:
    annotations = Annotations()
    span = TracerProvider().get_tracer("contract").start_span("job")
    annotations.add(span, {"dataset": value})
    span.end()
    assert violations(segment_document(trim(span, weigh=document_bytes).span)) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("key", ["rows.read", "rows read", "größe", "k" * 501, "1st"])
def test_an_annotation_key_becomes_one_that_xray_indexes(key: str) -> None:
    annotations = Annotations()
    span = TracerProvider().get_tracer("contract").start_span("job")
    annotations.add(span, {key: 1})
    span.end()
    assert violations(segment_document(trim(span, weigh=document_bytes).span)) == []  # type: ignore[arg-type]
