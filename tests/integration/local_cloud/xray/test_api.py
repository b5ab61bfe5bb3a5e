# SPDX-License-Identifier: Apache-2.0
"""The X-Ray API over HTTP, as botocore sends and reads it."""

from __future__ import annotations

import json
import time
import urllib.request
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.model import Shape

from local_cloud.xray.ids import new_trace_id
from tests.integration.local_cloud.xray.ministack import Ministack
from tests.unit.local_cloud.xray.samples import segment, texts
from tests.unit.local_cloud.xray.support import eventually

_MODEL = botocore.session.get_session().get_service_model("xray")
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "double": (int, float),
    "timestamp": (int, float),
}


def check_shape(shape: Shape, value: Any, where: str) -> None:
    """Fail when an answer has a member or a type that the service's model has not."""
    if shape.type_name == "structure":
        assert set(value) <= set(shape.members), where
        assert set(getattr(shape, "required_members", [])) <= set(value), where
        for name, member in value.items():
            check_shape(shape.members[name], member, f"{where}.{name}")
    elif shape.type_name == "list":
        for item in value:
            check_shape(shape.member, item, f"{where}[]")
    elif shape.type_name == "map":
        for item in value.values():
            check_shape(shape.value, item, f"{where}{{}}")
    else:
        assert isinstance(value, _TYPES[shape.type_name]), where
        assert value in (getattr(shape, "enum", None) or [value]), where


def call(ministack: Ministack, operation: str, **request: Any) -> dict[str, Any]:
    """Call an operation with plain JSON, and check the answer against the service's model."""
    model = _MODEL.operation_model(operation)
    http = urllib.request.Request(  # noqa: S310
        ministack.endpoint + model.http["requestUri"],
        data=json.dumps(request).encode(),
        headers={"Authorization": "AWS4-HMAC-SHA256 Credential=test/20261121/us-east-1/xray/aws4_request"},
    )
    with urllib.request.urlopen(http, timeout=10) as response:  # noqa: S310
        answer: dict[str, Any] = json.load(response)
    check_shape(model.output_shape, answer, operation)
    return answer


@pytest.fixture
def trace_id(ministack: Ministack) -> str:
    """A trace of one web segment with an annotation and a call to S3."""
    trace_id = new_trace_id()
    now = time.time()
    s3 = {
        "id": "00000000000000b1",
        "name": "S3",
        "namespace": "aws",
        "start_time": now,
        "end_time": now + 0.5,
    }
    web = segment(
        name="web",
        trace_id=trace_id,
        start_time=now,
        end_time=now + 1,
        annotations={"dataset": trace_id},
        subsegments=[s3],
    )
    assert call(ministack, "PutTraceSegments", TraceSegmentDocuments=texts(web)) == {
        "UnprocessedTraceSegments": []
    }
    return trace_id


def test_a_trace_comes_back_processed(ministack: Ministack, trace_id: str) -> None:
    answer = call(ministack, "BatchGetTraces", TraceIds=[trace_id, "1-00000000-000000000000000000000000"])
    (trace,) = answer["Traces"]
    assert (trace["Id"], trace["Duration"], trace["LimitExceeded"]) == (trace_id, 1.0, False)
    documents = [json.loads(found["Document"]) for found in trace["Segments"]]
    assert [(document["name"], document.get("inferred", False)) for document in documents] == [
        ("web", False),
        ("S3", True),
    ]
    assert [found["Id"] for found in trace["Segments"]] == [document["id"] for document in documents]
    assert answer["UnprocessedTraceIds"] == ["1-00000000-000000000000000000000000"]


def test_documents_that_are_refused_come_back_with_a_code(ministack: Ministack) -> None:
    answer = call(ministack, "PutTraceSegments", TraceSegmentDocuments=["{", *texts(segment(name="<"))])
    assert [entry["ErrorCode"] for entry in answer["UnprocessedTraceSegments"]] == [
        "JSONFormatError",
        "InvalidName",
    ]


def test_51_documents_are_too_many(ministack: Ministack) -> None:
    client = ministack.client("xray")
    with pytest.raises(ClientError) as refused:
        client.put_trace_segments(TraceSegmentDocuments=texts(*[segment()] * 51))
    assert refused.value.response["Error"] == {
        "Code": "InvalidRequestException",
        "Message": "Exceeding maximum segment count: 50",
    }


def test_six_trace_ids_are_too_many(ministack: Ministack, trace_id: str) -> None:
    with pytest.raises(ministack.client("xray").exceptions.InvalidRequestException):
        ministack.client("xray").batch_get_traces(TraceIds=[trace_id] * 6)


def test_an_unknown_operation_is_named(ministack: Ministack) -> None:
    with pytest.raises(ClientError, match="/Groups"):
        ministack.client("xray").get_groups()


def test_a_trace_can_be_spread_over_pages(ministack: Ministack, trace_id: str) -> None:
    ministack.control(segments_per_page=1)
    try:
        first = call(ministack, "BatchGetTraces", TraceIds=[trace_id])
        second = call(ministack, "BatchGetTraces", TraceIds=[trace_id], NextToken=first["NextToken"])
        pages = ministack.client("xray").get_paginator("batch_get_traces").paginate(TraceIds=[trace_id])
        assert [len(page["Traces"][0]["Segments"]) for page in pages] == [1, 1]
    finally:
        ministack.control(segments_per_page=None)
    assert "NextToken" not in second
    assert first["Traces"][0]["Segments"] != second["Traces"][0]["Segments"]


def test_summaries_by_time_and_filter(ministack: Ministack, trace_id: str) -> None:
    now = time.time()
    found = call(
        ministack,
        "GetTraceSummaries",
        StartTime=now - 60,
        EndTime=now + 60,
        FilterExpression=f'annotation.dataset = "{trace_id}"',
    )
    assert [summary["Id"] for summary in found["TraceSummaries"]] == [trace_id]
    assert call(ministack, "GetTraceSummaries", StartTime=1000, EndTime=2000)["TraceSummaries"] == []
    by_event = ministack.client("xray").get_trace_summaries(
        StartTime=now - 60, EndTime=now + 60, TimeRangeType="Event", FilterExpression='service("S3")'
    )
    assert trace_id in [summary["Id"] for summary in by_event["TraceSummaries"]]


def test_a_filter_that_cannot_be_read_is_refused(ministack: Ministack) -> None:
    client = ministack.client("xray")
    with pytest.raises(client.exceptions.InvalidRequestException, match="colour"):
        client.get_trace_summaries(StartTime=0, EndTime=1, FilterExpression="colour")


def test_the_graphs_name_services_and_calls(ministack: Ministack, trace_id: str) -> None:
    services = call(ministack, "GetTraceGraph", TraceIds=[trace_id])["Services"]
    assert [(node["Name"], node.get("Type")) for node in services] == [
        ("web", None),
        ("web", "client"),
        ("S3", "AWS::S3"),
    ]
    now = time.time()
    graph = call(ministack, "GetServiceGraph", StartTime=now - 60, EndTime=now + 60)
    assert "S3" in [node["Name"] for node in graph["Services"]]


def test_with_transaction_search_traces_are_read_from_logs(ministack: Ministack, trace_id: str) -> None:
    now = time.time()
    assert call(ministack, "GetTraceSegmentDestination") == {"Destination": "XRay", "Status": "ACTIVE"}
    call(ministack, "UpdateTraceSegmentDestination", Destination="CloudWatchLogs")
    try:
        assert call(ministack, "GetTraceSegmentDestination")["Destination"] == "CloudWatchLogs"
        # BatchGetTraces and the summaries find nothing
        assert call(ministack, "BatchGetTraces", TraceIds=[trace_id])["UnprocessedTraceIds"] == [trace_id]
        assert (
            call(ministack, "GetTraceSummaries", StartTime=now - 60, EndTime=now + 60)["TraceSummaries"] == []
        )
        # A retrieval does, after a while
        token = call(
            ministack, "StartTraceRetrieval", TraceIds=[trace_id], StartTime=now - 60, EndTime=now + 60
        )
        first = call(ministack, "ListRetrievedTraces", **token)
        assert (first["RetrievalStatus"], first["Traces"]) == ("RUNNING", [])
        second = call(ministack, "ListRetrievedTraces", **token)
        assert second["RetrievalStatus"] == "COMPLETE"
        assert [json.loads(span["Document"])["name"] for span in second["Traces"][0]["Spans"]] == [
            "web",
            "S3",
        ]
    finally:
        call(ministack, "UpdateTraceSegmentDestination", Destination="XRay")
    assert call(ministack, "BatchGetTraces", TraceIds=[trace_id])["UnprocessedTraceIds"] == []


def test_an_unknown_retrieval_is_not_found(ministack: Ministack) -> None:
    client = ministack.client("xray")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.list_retrieved_traces(RetrievalToken="never-given-out")


def test_a_sampling_client_gets_the_default_rule_and_its_quota(ministack: Ministack) -> None:
    (record,) = call(ministack, "GetSamplingRules")["SamplingRuleRecords"]
    assert (record["SamplingRule"]["RuleName"], record["SamplingRule"]["FixedRate"]) == ("Default", 1.0)
    document = {
        "RuleName": "Default",
        "ClientID": "a" * 24,
        "Timestamp": 0,
        "RequestCount": 1,
        "SampledCount": 1,
    }
    targets = call(ministack, "GetSamplingTargets", SamplingStatisticsDocuments=[document])
    assert targets["SamplingTargetDocuments"][0]["ReservoirQuota"] == 1


@pytest.mark.parametrize(
    ("fault", "code"),
    [({"mode": "throttle"}, "ThrottledException"), ({"mode": "status", "status": 503}, "InternalFailure")],
)
def test_faults_of_the_api(ministack: Ministack, trace_id: str, fault: dict[str, Any], code: str) -> None:
    ministack.control(xray_fault={**fault, "count": 1, "operations": ["BatchGetTraces"]})
    client = ministack.client("xray")
    client.get_trace_summaries(StartTime=0, EndTime=1)  # another operation is left alone
    with pytest.raises(ClientError) as failed:
        client.batch_get_traces(TraceIds=[trace_id])
    assert failed.value.response["Error"]["Code"] == code
    assert client.batch_get_traces(TraceIds=[trace_id])["Traces"]  # it was meant to happen once
    ministack.control(xray_fault=None)


def test_rejected_segments_and_empty_answers(ministack: Ministack, trace_id: str) -> None:
    client = ministack.client("xray")
    ministack.control(xray_fault={"mode": "reject"})
    answer = client.put_trace_segments(TraceSegmentDocuments=texts(segment()))
    assert answer["UnprocessedTraceSegments"][0]["Id"] == "00000000000000a1"
    ministack.control(xray_fault={"mode": "empty"})
    assert client.batch_get_traces(TraceIds=[trace_id])["UnprocessedTraceIds"] == [trace_id]
    ministack.control(xray_fault=None)


def test_a_late_answer(ministack: Ministack, trace_id: str) -> None:
    ministack.control(xray_fault={"mode": "delay", "seconds": 0.3, "count": 1})
    started = time.monotonic()
    ministack.documents(trace_id)
    assert time.monotonic() - started >= 0.3
    ministack.control(xray_fault=None)


def test_the_control_refuses_what_it_does_not_know(ministack: Ministack) -> None:
    for wrong in ({"colour": 1}, {"xray_fault": {"mode": "explode"}}, {"collector_fault": {"colour": 1}}):
        with pytest.raises(urllib.error.HTTPError) as refused:
            ministack.control(**wrong)
        assert refused.value.code == 400


def test_the_daemon_of_the_process_takes_what_the_sdk_sends(ministack: Ministack) -> None:
    from aws_xray_sdk.core.emitters.udp_emitter import UDPEmitter
    from aws_xray_sdk.core.models.segment import Segment

    address = ministack.control()["daemon"]["address"]
    sent = Segment("by udp", traceid=new_trace_id())
    sent.close()
    UDPEmitter(address).send_entity(sent)
    documents = eventually(lambda: ministack.documents(sent.trace_id))
    assert [document["name"] for document in documents] == ["by udp"]
