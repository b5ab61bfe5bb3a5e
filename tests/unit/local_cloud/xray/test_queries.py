# SPDX-License-Identifier: Apache-2.0
"""Summaries, filter expressions and the service graph, on one small trace."""

from __future__ import annotations

import pytest

from local_cloud.xray.api.filters import compile_filter
from local_cloud.xray.errors import InvalidRequestError
from local_cloud.xray.traces import graph
from local_cloud.xray.traces.store import Trace
from local_cloud.xray.traces.summaries import summary

from .samples import TRACE, segment


@pytest.fixture
def trace() -> Trace:
    """A web service calls a table (inferred) and a worker, which fails."""
    calls = [
        {
            "id": "00000000000000b1",
            "name": "DynamoDB",
            "namespace": "aws",
            "start_time": 1000.1,
            "end_time": 1000.3,
        },
        {
            "id": "00000000000000b2",
            "name": "worker",
            "namespace": "remote",
            "start_time": 1000.5,
            "end_time": 1001.5,
        },
    ]
    http = {"request": {"url": "http://shop/orders", "method": "POST"}, "response": {"status": 502}}
    web = segment(
        name="web",
        origin="AWS::ECS::Container",
        annotations={"dataset": "listings", "rows_read": 42, "dry": True},
        subsegments=calls,
        http=http,
        resource_arn="arn:web",
        aws={"account_id": "123456789012"},
    )
    table = {
        **segment("00000000000000c1", name="DynamoDB", parent_id="00000000000000b1", inferred=True),
        **{"start_time": 1000.1, "end_time": 1000.3, "origin": "AWS::DynamoDB::Table"},
    }
    worker = {
        **segment("00000000000000c2", name="worker", parent_id="00000000000000b2", fault=True),
        **{"start_time": 1000.6, "end_time": 1001.4, "annotations": {"dataset": "listings"}},
    }
    return Trace(id=TRACE, segments=[web, table, worker])


@pytest.mark.parametrize(
    "expression",
    [
        None,
        "  ",
        'annotation.dataset = "listings"',
        'annotation[dataset] BEGINSWITH "list"',
        "annotation.rows_read >= 42",
        "annotation.dry = true",
        "fault",
        "fault = true",
        "!error AND NOT throttle",
        'service("worker")',
        'service("worker") { fault }',
        'service(id(name: "DynamoDB", type: "AWS::DynamoDB::Table")) { ok }',
        'service() { name = "web" }',
        "http.status = 502",
        'http.url CONTAINS "orders" AND http.method = "POST"',
        "duration >= 2 AND responsetime < 3",
        'annotation.dataset = "other" OR (fault AND http.status != 200)',
        'type = "AWS::ECS::Container"',
    ],
)
def test_an_expression_that_fits(trace: Trace, expression: str | None) -> None:
    assert compile_filter(expression)(trace)


@pytest.mark.parametrize(
    "expression",
    [
        'annotation.dataset = "other"',
        "annotation.dataset = 5",
        'annotation.rows_read = "42"',
        'annotation.rows_read CONTAINS "4"',
        "ok",
        "partial",
        'service("web") { fault }',
        'service("nobody")',
        'service(id(name: "DynamoDB", type: "AWS::SNS"))',
        "NOT fault",
        "fault AND throttle",
        "http.status < 500",
    ],
)
def test_an_expression_that_does_not_fit(trace: Trace, expression: str) -> None:
    assert not compile_filter(expression)(trace)


@pytest.mark.parametrize(
    "expression",
    [
        "colour",
        "colour = 3",
        'duration = "long"',
        "fault AND",
        "(fault",
        "fault)",
        'service("a"',
        "http.status >",
        "§",
    ],
)
def test_an_expression_that_cannot_be_read_is_refused(expression: str) -> None:
    with pytest.raises(InvalidRequestError, match="Invalid filter expression"):
        compile_filter(expression)


def test_the_summary_of_a_trace(trace: Trace) -> None:
    web = {"Name": "web", "Names": ["web"], "Type": "AWS::ECS::Container", "AccountId": "123456789012"}
    worker = {"Name": "worker", "Names": ["worker"]}
    table = {"Name": "DynamoDB", "Names": ["DynamoDB"], "Type": "AWS::DynamoDB::Table"}
    found = summary(trace)
    assert {key: found[key] for key in ("Id", "StartTime", "Duration", "ResponseTime")} == {
        "Id": TRACE,
        "StartTime": 1000.0,
        "Duration": 2.0,
        "ResponseTime": 2.0,
    }
    assert (found["HasFault"], found["HasError"], found["HasThrottle"], found["IsPartial"]) == (
        True,
        False,
        False,
        False,
    )
    assert found["Http"] == {"HttpURL": "http://shop/orders", "HttpMethod": "POST", "HttpStatus": 502}
    assert found["Annotations"] == {
        "dataset": [{"AnnotationValue": {"StringValue": "listings"}, "ServiceIds": [web, worker]}],
        "rows_read": [{"AnnotationValue": {"NumberValue": 42}, "ServiceIds": [web]}],
        "dry": [{"AnnotationValue": {"BooleanValue": True}, "ServiceIds": [web]}],
    }
    assert found["ServiceIds"] == [web, table, worker]
    assert found["EntryPoint"] == web
    assert found["ResourceARNs"] == [{"ARN": "arn:web"}]


def test_50_annotations_of_a_trace_are_indexed() -> None:
    many = Trace(id=TRACE, segments=[segment(annotations={f"key_{number}": number for number in range(60)})])
    assert list(summary(many)["Annotations"]) == [f"key_{number}" for number in range(50)]


def test_the_service_graph(trace: Trace) -> None:
    nodes = graph.services([trace])
    assert [(node["Name"], node.get("Type"), node["Root"]) for node in nodes] == [
        ("web", "AWS::ECS::Container", True),
        ("web", "client", True),
        ("DynamoDB", "AWS::DynamoDB::Table", False),
        ("worker", None, False),
    ]
    assert [node["ReferenceId"] for node in nodes] == [0, 1, 2, 3]
    assert [[edge["ReferenceId"] for edge in node["Edges"]] for node in nodes] == [[2, 3], [0], [], []]
    to_worker = nodes[0]["Edges"][1]
    assert to_worker["SummaryStatistics"] == {
        "OkCount": 0,
        "ErrorStatistics": {"ThrottleCount": 0, "OtherCount": 0, "TotalCount": 0},
        "FaultStatistics": {"OtherCount": 1, "TotalCount": 1},
        "TotalCount": 1,
        "TotalResponseTime": 0.8,
    }
    assert to_worker["ResponseTimeHistogram"] == [{"Value": 0.8, "Count": 1}]


def test_two_traces_share_nodes(trace: Trace) -> None:
    nodes = graph.services([trace, trace])
    assert len(nodes) == 4
    assert nodes[0]["SummaryStatistics"]["TotalCount"] == 2
    assert nodes[0]["ResponseTimeHistogram"] == [{"Value": 2.0, "Count": 2}]
