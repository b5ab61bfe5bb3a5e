# SPDX-License-Identifier: Apache-2.0
"""Which documents PutTraceSegments takes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local_cloud.xray.traces.documents import RejectedError, parse

from .samples import TRACE, segment, subsegment


def without(field: str) -> dict[str, Any]:
    return {key: value for key, value in segment().items() if key != field}


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (without("id"), "MissingId"),
        ([], "MissingId"),
        ("text", "MissingId"),
        (segment("xyz"), "InvalidId"),
        (without("trace_id"), "MissingTraceId"),
        (segment(trace_id="6920f3a10a1b2c3d4e5f60718293a4b5"), "InvalidTraceId"),
        (without("name"), "MissingName"),
        (segment(name="a<b"), "InvalidName"),
        (segment(name=""), "InvalidName"),
        (segment(name="n" * 201), "InvalidName"),
        (without("start_time"), "MissingStartTime"),
        (segment(start_time="now"), "InvalidStartTime"),
        (without("end_time"), "MissingEndTime"),
        (segment(end_time=999.0), "InvalidEndTime"),
        (segment(end_time=None, in_progress=False), "MissingEndTime"),
        (segment(type="subsegment"), "MissingParentId"),
        (segment(parent_id="12"), "InvalidParentId"),
        (segment(subsegments=[{"id": "00000000000000b1"}]), "MissingName"),
        (segment(metadata={"default": {"text": "x" * 65_536}}), "InvalidSegment"),
    ],
)
def test_a_document_that_breaks_the_schema_is_refused_with_a_code(document: Any, code: str) -> None:
    with pytest.raises(RejectedError) as refused:
        parse(json.dumps(document))
    assert refused.value.reason.code == code


def test_the_refusal_of_a_name_reads_as_the_service_words_it() -> None:
    with pytest.raises(RejectedError) as refused:
        parse(json.dumps(subsegment("00000000000000b1", "00000000000000a1", name="a<b")))
    assert refused.value.reason.to_api() == {
        "Id": "00000000000000b1",
        "ErrorCode": "InvalidName",
        "Message": "Invalid subsegment. ErrorCode: InvalidName, Cause: null",
    }


def test_text_that_is_no_json_is_refused_without_an_id() -> None:
    with pytest.raises(RejectedError) as refused:
        parse("{not json")
    entry = refused.value.reason.to_api()
    assert entry["ErrorCode"] == "JSONFormatError"
    assert "Id" not in entry


@pytest.mark.parametrize(
    "name", ["Read Data", "host:4318/path?".rstrip("?"), "Straße 5 % & #=+-@_.", "a" * 200]
)
def test_letters_numbers_blanks_and_the_listed_signs_make_a_name(name: str) -> None:
    assert parse(json.dumps(segment(name=name)))[0]["name"] == name


def test_a_document_in_progress_needs_no_end() -> None:
    started = {**without("end_time"), "in_progress": True}
    assert parse(json.dumps(started)) == [started]


def test_an_array_holds_several_subsegments() -> None:
    two = [
        subsegment("00000000000000b1", "00000000000000a1"),
        subsegment("00000000000000b2", "00000000000000a1"),
    ]
    assert parse(json.dumps(two)) == two


def test_what_is_not_in_the_schema_is_removed() -> None:
    sent = segment(colour="red", annotations={"rows_read": 5, "bad key": 1, "list": [1]}, in_progress=True)
    assert parse(json.dumps(sent)) == [segment(annotations={"rows_read": 5})]


def test_64_kb_are_allowed() -> None:
    empty = len(json.dumps(segment(metadata={"default": {"text": ""}})))
    parse(json.dumps(segment(metadata={"default": {"text": "x" * (65_536 - empty)}})))


def test_the_sample_trace_id_is_valid() -> None:
    assert parse(json.dumps(segment()))[0]["trace_id"] == TRACE
