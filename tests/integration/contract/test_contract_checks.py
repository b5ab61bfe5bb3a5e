# SPDX-License-Identifier: Apache-2.0
"""The checks of this folder find what they are made to find."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest

from tests.integration.contract.segments import violations
from tests.integration.contract.shapes import answer_violations

SEGMENT: dict[str, Any] = {
    "name": "example.com",
    "id": "70de5b6f19ff9a0a",
    "start_time": 1478293361.271,
    "trace_id": "1-581cf771-a006649127e371903a2de979",
    "end_time": 1478293361.449,
}
SUBSEGMENT = SEGMENT | {"type": "subsegment", "parent_id": "defdfd9912dc5a56", "namespace": "remote"}


@pytest.mark.parametrize("document", [SEGMENT, SUBSEGMENT, SEGMENT | {"name": "Größe 1.0_:/%&#=+\\-@"}])
def test_the_guides_own_documents_pass(document: dict[str, Any]) -> None:
    assert violations(document) == []


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ({"id": "70de5b6f"}, "id"),
        ({"id": "70DE5B6F19FF9A0A"}, "id"),
        ({"trace_id": "581cf771a006649127e371903a2de979"}, "trace_id"),
        ({"start_time": "2016"}, "start_time"),
        ({"in_progress": True}, "document"),  # and an end_time
        ({"name": "a|b"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"annotations": {"rows read": 1}}, "annotations"),
        ({"annotations": {"rows": [1]}}, "annotations/rows"),
        ({"annotations": {"rows": "x" * 1001}}, "annotations/rows"),
        ({"metadata": {"rows": 1}}, "metadata/rows"),
        ({"cause": {"exceptions": [{"message": "no id"}]}}, "cause"),
        ({"http": {"request": {"url": "u" * 251}}}, "http/request/url"),
        ({"anotations": {}}, "document"),
        ({"end_time": 1.0}, "'example.com' ends"),
        ({"metadata": {"default": {"text": "x" * 65_536}}}, "document has"),
        ({"subsegments": [{"name": "child", "id": "53995c3f42cd8ad8", "start_time": 1.0}]}, "subsegments/0"),
    ],
)
def test_what_the_guide_does_not_allow_is_found(change: dict[str, Any], finding: str) -> None:
    found = violations(SEGMENT | change)
    assert found
    assert any(text.startswith(finding) for text in found), found


@pytest.mark.parametrize("missing", ["parent_id", "trace_id", "name", "id", "start_time", "end_time"])
def test_an_independent_subsegment_needs_its_place_in_the_trace(missing: str) -> None:
    assert violations({key: value for key, value in SUBSEGMENT.items() if key != missing})


@pytest.mark.parametrize(
    ("body", "finding"),
    [
        ({"JobRun": {"Id": 7}}, "GetJobRun.JobRun.Id is int, not string"),
        ({"JobRun": {"JobrunState": "RUNNING"}}, "GetJobRun.JobRun.JobrunState is not in the model"),
        ({"JobRun": {"JobRunState": "DONE"}}, "GetJobRun.JobRun.JobRunState is 'DONE', not one of"),
        ({"JobRun": {"StartedOn": "2026-11-21"}}, "GetJobRun.JobRun.StartedOn is str, not timestamp"),
        ({"JobRun": []}, "GetJobRun.JobRun is list, not a structure"),
    ],
)
def test_an_answer_that_differs_from_the_model_is_found(body: dict[str, Any], finding: str) -> None:
    operation = botocore.session.get_session().get_service_model("glue").operation_model("GetJobRun")
    (text,) = answer_violations(operation, body)
    assert text.startswith(finding)


def test_a_required_member_that_is_missing_is_found() -> None:
    model = botocore.session.get_session().get_service_model("stepfunctions")
    found = answer_violations(model.operation_model("StartExecution"), {"executionArn": "arn"})
    assert found == ["StartExecution.startDate is required and missing"]
