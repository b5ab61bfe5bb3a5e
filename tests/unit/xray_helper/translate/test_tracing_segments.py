# SPDX-License-Identifier: Apache-2.0
"""The translator against the table of the collector's awsxray exporter."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode

from xray_helper.translate.attributes import annotation_key
from xray_helper.translate.names import clean_name
from xray_helper.translate.segments import segment_document, segment_json

TRACE = 0x5759E988BD862E3FE1BE46A994272793
SELF, PARENT = 0x53995C3F42CD8AD8, 0x70DE5B6F19FF9A0A


def span(
    name: str = "span",
    *,
    kind: SpanKind = SpanKind.INTERNAL,
    parent: int | None = PARENT,
    attributes: Mapping[str, Any] | None = None,
    resource: Mapping[str, Any] | None = None,
    events: Sequence[Event] = (),
    status: Status | None = None,
    links: Sequence[Link] = (),
) -> ReadableSpan:
    return ReadableSpan(
        name=name,
        context=SpanContext(TRACE, SELF, is_remote=False),
        parent=SpanContext(TRACE, parent, is_remote=True) if parent else None,
        resource=Resource(resource or {}),
        attributes=attributes,
        events=events,
        links=links,
        kind=kind,
        status=status or Status(),
        start_time=1_465_510_280_250_000_000,
        end_time=1_465_510_290_500_000_000,
    )


def test_a_job_span_becomes_this_segment() -> None:
    job = span(
        "run",
        kind=SpanKind.SERVER,
        resource={
            "service.name": "clean job",
            "cloud.provider": "aws",
            "aws.log.group.names": ["/aws-glue/jobs/output", "/aws-glue/jobs/error"],
            "telemetry.sdk.name": "opentelemetry",
            "telemetry.sdk.language": "python",
            "telemetry.sdk.version": "1.45.2",
        },
        attributes={
            "aws.xray.annotations": ("dataset", "rows_read"),
            "dataset": "listings",
            "rows_read": 4002,
            "xray.parent.source": "step",
        },
    )
    assert segment_document(job) == {
        "name": "clean job",
        "id": "53995c3f42cd8ad8",
        "parent_id": "70de5b6f19ff9a0a",
        "trace_id": "1-5759e988-bd862e3fe1be46a994272793",
        "start_time": 1465510280.25,
        "end_time": 1465510290.5,
        "fault": False,
        "error": False,
        "throttle": False,
        "aws": {
            "cloudwatch_logs": [
                {"log_group": "/aws-glue/jobs/output"},
                {"log_group": "/aws-glue/jobs/error"},
            ],
            "xray": {
                "sdk": "opentelemetry for python",
                "sdk_version": "1.45.2",
                "auto_instrumentation": False,
            },
        },
        "annotations": {"dataset": "listings", "rows_read": 4002},
        "metadata": {
            "default": {
                "otel.resource.service.name": "clean job",
                "otel.resource.cloud.provider": "aws",
                "otel.resource.aws.log.group.names": ["/aws-glue/jobs/output", "/aws-glue/jobs/error"],
                "otel.resource.telemetry.sdk.name": "opentelemetry",
                "otel.resource.telemetry.sdk.language": "python",
                "otel.resource.telemetry.sdk.version": "1.45.2",
                "xray.parent.source": "step",
            }
        },
    }


def test_a_step_span_becomes_a_subsegment_without_the_resource() -> None:
    document = segment_document(
        span("Read Data", attributes={"rows": 3}, resource={"service.name": "clean job"})
    )
    assert document["type"] == "subsegment"
    assert document["name"] == "Read Data"
    assert document["metadata"] == {"default": {"rows": 3}}
    assert "namespace" not in document


@pytest.mark.parametrize(
    ("kind", "parent", "attributes", "expected"),
    [
        (SpanKind.SERVER, PARENT, {}, (None, None, "svc")),
        (SpanKind.SERVER, None, {}, (None, None, "svc")),
        (SpanKind.INTERNAL, PARENT, {}, ("subsegment", None, "span")),
        (SpanKind.INTERNAL, None, {}, (None, None, "span")),
        (SpanKind.CLIENT, PARENT, {}, ("subsegment", "remote", "span")),
        (SpanKind.CLIENT, None, {}, (None, "remote", "span")),
        (SpanKind.PRODUCER, PARENT, {}, ("subsegment", "remote", "span")),
        (SpanKind.CONSUMER, PARENT, {"aws.remote.service": "q"}, (None, None, "q")),
        (SpanKind.CONSUMER, PARENT, {}, (None, None, "span")),
        (SpanKind.INTERNAL, PARENT, {"aws.span.kind": "LOCAL_ROOT"}, (None, None, "span")),
        (SpanKind.SERVER, PARENT, {"aws.local.service": "local"}, (None, None, "local")),
        (SpanKind.SERVER, PARENT, {"peer.service": "peer"}, (None, None, "peer")),
        (
            SpanKind.CLIENT,
            PARENT,
            {"rpc.system": "aws-api", "rpc.service": "S3"},
            ("subsegment", "aws", "S3"),
        ),
        (SpanKind.CLIENT, PARENT, {"aws.service": "Glue"}, ("subsegment", "aws", "Glue")),
        (
            SpanKind.CLIENT,
            PARENT,
            {"aws.service": "Glue", "peer.service": "p"},
            ("subsegment", "remote", "p"),
        ),
        (
            SpanKind.CLIENT,
            PARENT,
            {"rpc.system": "aws-api", "aws.remote.service": "AWS.SDK.S3"},
            ("subsegment", "aws", "S3"),
        ),
        (
            SpanKind.CLIENT,
            PARENT,
            {"rpc.system": "aws-api", "aws.remote.service": "AWS.SDK.AWS::S3"},
            ("subsegment", "aws", "AWS::S3"),
        ),
        (
            SpanKind.CLIENT,
            PARENT,
            {"db.name": "sales", "db.connection_string": "jdbc:mysql://jane:db@DB.example.com:3306"},
            ("subsegment", "remote", "sales@DB.example.com"),
        ),
        (SpanKind.CLIENT, PARENT, {"http.host": "a.example"}, ("subsegment", "remote", "a.example")),
        (SpanKind.CLIENT, PARENT, {"net.peer.name": "b.example"}, ("subsegment", "remote", "b.example")),
    ],
)
def test_type_namespace_and_name(
    kind: SpanKind,
    parent: int | None,
    attributes: dict[str, Any],
    expected: tuple[str | None, str | None, str],
) -> None:
    document = segment_document(
        span(kind=kind, parent=parent, attributes=attributes, resource={"service.name": "svc"})
    )
    assert (document.get("type"), document.get("namespace"), document["name"]) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Rank by Cost Per Night", "Rank by Cost Per Night"),
        ("a_b.c:d/e%f&g#h=i+j-k@l", "a_b.c:d/e%f&g#h=i+j-k@l"),
        ("<script>alert('x')</script>\n", "scriptalertx/script"),
        ("Données №5 数据", "Données 5 数据"),
        ("***", "span"),
        ("", "span"),
        ("x" * 300, "x" * 200),
        ("é" * 150, "é" * 100),
    ],
)
def test_names_hold_what_xray_takes(name: str, expected: str) -> None:
    assert clean_name(name) == expected


@pytest.mark.parametrize(
    ("attributes", "status", "expected"),
    [
        ({}, Status(), (False, False, False)),
        ({}, Status(StatusCode.OK), (False, False, False)),
        ({}, Status(StatusCode.ERROR), (True, False, False)),
        ({"http.status_code": 404}, Status(), (False, True, False)),
        ({"http.response.status_code": 429}, Status(StatusCode.ERROR), (False, True, True)),
        ({"http.response.status_code": 503}, Status(), (True, False, False)),
        ({"http.response.status_code": 200}, Status(StatusCode.ERROR), (True, False, False)),
        ({"http.response.status_code": 200}, Status(), (False, False, False)),
    ],
)
def test_fault_error_and_throttle(
    attributes: dict[str, Any], status: Status, expected: tuple[bool, bool, bool]
) -> None:
    document = segment_document(span(attributes=attributes, status=status))
    assert (document["fault"], document["error"], document["throttle"]) == expected


TRACEBACK = """Traceback (most recent call last):
  File "/jobs/clean.py", line 10, in convert
    int("x")
ValueError: invalid literal: 'x'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/jobs/clean.py", line 20, in main
    run()
  File "/jobs/clean.py", line 12, in run
    raise KeyError("y")
KeyError: 'y'
"""


def test_a_python_traceback_becomes_a_chain_of_exceptions() -> None:
    event = Event(
        "exception",
        {"exception.type": "KeyError", "exception.message": "'y'", "exception.stacktrace": TRACEBACK},
    )
    failed = span(
        events=[event], status=Status(StatusCode.ERROR, "x"), resource={"telemetry.sdk.language": "python"}
    )
    exceptions = segment_document(failed)["cause"]["exceptions"]
    ids = [exception.pop("id") for exception in exceptions]
    assert len(set(ids)) == 2
    assert all(len(bytes.fromhex(item)) == 8 for item in ids)
    assert exceptions == [
        {
            "type": "KeyError",
            "message": "'y'",
            "remote": False,
            "cause": ids[1],
            "stack": [
                {"path": "/jobs/clean.py", "line": 12, "label": "run"},
                {"path": "/jobs/clean.py", "line": 20, "label": "main"},
            ],
        },
        {
            "type": "ValueError",
            "message": "invalid literal: 'x'",
            "remote": False,
            "stack": [{"path": "/jobs/clean.py", "line": 10, "label": "convert"}],
        },
    ]
    assert segment_json(failed) == segment_json(failed)  # ids are derived, not random


def test_an_exception_is_a_cause_but_no_fault_while_the_status_is_not_error() -> None:
    document = segment_document(span(events=[Event("exception", {"exception.message": "retried"})]))
    assert document["fault"] is False
    assert document["cause"]["exceptions"][0]["message"] == "retried"


def test_a_status_message_stands_in_for_a_missing_exception() -> None:
    document = segment_document(span(status=Status(StatusCode.ERROR, "stage 3 failed")))
    assert [item["message"] for item in document["cause"]["exceptions"]] == ["stage 3 failed"]
    assert "cause" not in segment_document(span(status=Status(StatusCode.ERROR)))


def test_an_aws_call_fills_the_aws_block() -> None:
    call = span(
        kind=SpanKind.CLIENT,
        attributes={
            "rpc.system": "aws-api", "rpc.service": "Glue", "rpc.method": "StartJobRun",
            "aws.request_id": "r-1", "aws.region": "us-east-1", "http.status_code": 200,
        },
    )  # fmt: skip
    document = segment_document(call)
    assert document["aws"] == {
        "operation": "StartJobRun", "request_id": "r-1", "region": "us-east-1",
        "xray": {"auto_instrumentation": False},
    }  # fmt: skip
    assert document["http"] == {"request": {}, "response": {"status": 200, "content_length": 0}}
    assert document["metadata"] == {"default": {"rpc.system": "aws-api", "rpc.service": "Glue"}}


@pytest.mark.parametrize(
    ("resource", "origin"),
    [
        ({}, None),
        ({"cloud.provider": "aws"}, None),
        ({"cloud.provider": "aws", "cloud.platform": "aws_glue"}, None),
        ({"cloud.platform": "aws_ecs"}, "AWS::ECS::Container"),
        ({"cloud.platform": "aws_ecs", "aws.ecs.launchtype": "fargate"}, "AWS::ECS::Fargate"),
        ({"cloud.platform": "aws_ecs", "aws.ecs.launchtype": "ec2"}, "AWS::ECS::EC2"),
        ({"cloud.provider": "gcp", "cloud.platform": "aws_ecs"}, None),
    ],
)
def test_origin(resource: dict[str, str], origin: str | None) -> None:
    assert segment_document(span(resource=resource)).get("origin") == origin


def test_another_cloud_has_no_aws_block() -> None:
    assert "aws" not in segment_document(span(resource={"cloud.provider": "AWS::AWSGlue"}))


def test_log_groups_by_arn_and_as_text() -> None:
    arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws-glue/jobs/output:*"
    by_arn = segment_document(span(resource={"aws.log.group.arns": [arn], "aws.log.group.names": ["other"]}))
    by_text = segment_document(span(resource={"aws.log.group.names": "a&b"}))
    assert by_arn["aws"]["cloudwatch_logs"] == [{"log_group": "/aws-glue/jobs/output", "arn": arn}]
    assert by_text["aws"]["cloudwatch_logs"] == [{"log_group": "a"}, {"log_group": "b"}]


def test_annotations_metadata_and_user() -> None:
    document = segment_document(
        span(
            attributes={
                "aws.xray.annotations": ["rows-read", "tags", "ok", "share", "absent"],
                "rows-read": 5, "tags": ["a", "b"], "ok": True, "share": 0.5,
                "aws.xray.metadata.plan": '{"nodes": 3}', "aws.xray.metadata.default": '{"a": 1}',
                "aws.xray.metadata.broken": "{", "enduser.id": "ada", "list": (1, 2),
            }
        )
    )  # fmt: skip
    assert document["annotations"] == {"rows_read": 5, "ok": True, "share": 0.5}
    assert document["metadata"] == {
        "plan": {"nodes": 3},
        "default": {"a": 1, "aws.xray.metadata.broken": "{", "list": [1, 2]},
    }
    assert document["user"] == "ada"


def test_a_resource_attribute_can_be_indexed() -> None:
    document = segment_document(
        span(
            kind=SpanKind.SERVER,
            attributes={"aws.xray.annotations": ["otel.resource.team"]},
            resource={"team": "data", "service.name": "s"},
        )
    )
    assert document["annotations"] == {"otel.resource.team": "data"}
    assert document["metadata"] == {"default": {"otel.resource.service.name": "s"}}


def test_annotation_keys() -> None:
    assert annotation_key("spark.stage.id") == "spark.stage.id"
    assert annotation_key("rows read/é") == "rows_read__"


def test_links() -> None:
    link = Link(SpanContext(TRACE, PARENT, is_remote=True), {"why": "retry"})
    assert segment_document(span(links=[link]))["links"] == [
        {
            "trace_id": "1-5759e988-bd862e3fe1be46a994272793",
            "id": "70de5b6f19ff9a0a",
            "attributes": {"why": "retry"},
        }
    ]


def test_an_sql_call() -> None:
    call = span(
        "SELECT",
        kind=SpanKind.CLIENT,
        attributes={
            "db.system": "postgresql",
            "db.name": "sales",
            "db.statement": "SELECT 1",
            "db.user": "etl",
        },
    )
    assert segment_document(call)["sql"] == {
        "url": "SELECT", "connection_string": "localhost/sales", "database_type": "postgresql",
        "user": "etl", "sanitized_query": "SELECT 1",
    }  # fmt: skip
    assert "sql" not in segment_document(span(attributes={"db.system": "redis", "db.statement": "GET"}))


@pytest.mark.parametrize(
    ("kind", "attributes", "url"),
    [
        (SpanKind.CLIENT, {"url.full": "https://a.example/x?y=1"}, "https://a.example/x?y=1"),
        (SpanKind.CLIENT, {"http.url": "http://a.example/"}, "http://a.example/"),
        (SpanKind.CLIENT, {"http.scheme": "https", "http.host": "a.example:8443", "http.target": "/x"},
         "https://a.example:8443/x"),
        (SpanKind.CLIENT, {"net.peer.name": "a.example", "net.peer.port": "8080"}, "http://a.example:8080/"),
        (SpanKind.CLIENT, {"net.peer.name": "a.example", "net.peer.port": 80}, "http://a.example/"),
        (SpanKind.SERVER, {"http.server_name": "s", "net.host.name": "h", "net.host.port": 8080}, "http://s:8080/"),
        (SpanKind.SERVER, {"server.address": "b.example", "server.port": 4318, "url.path": "/v1"},
         "http://b.example:4318/v1"),
        (SpanKind.SERVER, {"url.scheme": "https", "server.address": "b.example", "server.port": 443,
                           "url.path": "/v1", "url.query": "?a=b"}, "https://b.example/v1?a=b"),
    ],
)  # fmt: skip
def test_the_url_of_an_http_call(kind: SpanKind, attributes: dict[str, Any], url: str) -> None:
    document = segment_document(span(kind=kind, attributes={"http.method": "GET", **attributes}))
    assert document["http"]["request"] == {"method": "GET", "url": url}


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"client.address": "192.0.2.1"}, {"client_ip": "192.0.2.1", "x_forwarded_for": True}),
        ({"client.address": "client.example"}, {}),
        (
            {"http.client_ip": "192.0.2.1", "net.peer.ip": "10.0.0.1"},
            {"client_ip": "192.0.2.1", "url": "http:///"},
        ),
        ({"network.peer.address": "10.0.0.2"}, {"client_ip": "10.0.0.2", "url": "http:///"}),
        ({"network.peer.address": "/run/x.sock"}, {}),
    ],
)
def test_who_called(attributes: dict[str, Any], expected: dict[str, Any]) -> None:
    document = segment_document(span(kind=SpanKind.SERVER, attributes={"http.method": "GET", **attributes}))
    assert document["http"]["request"] == {"method": "GET", **expected}


def test_the_size_of_an_answer() -> None:
    size: dict[str, str | int] = {"message.type": "RECEIVED", "messaging.message_payload_size_bytes": 452}
    document = segment_document(span(attributes={"http.status_code": 0}, events=[Event("message", size)]))
    assert document["http"]["response"] == {"status": 0, "content_length": 452}


@pytest.mark.parametrize(
    ("value", "field", "metadata"),
    [(True, "in_progress", None), (False, "end_time", None), ("true", "end_time", "true")],
)
def test_a_span_may_say_that_it_goes_on(value: object, field: str, metadata: str | None) -> None:
    document = segment_document(span(attributes={"aws.xray.inprogress": value}))
    assert field in document
    assert len({"in_progress", "end_time"} & document.keys()) == 1
    assert document.get("metadata", {}).get("default", {}).get("aws.xray.inprogress") == metadata


def test_addresses_alone_are_no_http_call() -> None:
    assert "http" not in segment_document(
        span(attributes={"server.address": "db.example", "server.port": 5432})
    )


def test_the_document_is_json_whatever_the_attributes() -> None:
    odd = span("odd", attributes={"bytes": b"\x00\xff", "text": "😀 <&>", "numbers": (1.5, 2.5)})
    document = json.loads(segment_json(odd))
    assert document["metadata"]["default"] == {
        "bytes": "AP8=",
        "text": "😀 <&>",
        "numbers": [1.5, 2.5],
    }


def test_a_span_that_was_never_started_is_named() -> None:
    with pytest.raises(ValueError, match="The span 'lost' has no context"):
        segment_document(ReadableSpan("lost"))


def test_recorded_documents_stay_as_they_are() -> None:
    """Guards every field at once: the file was written by hand from the exporter's rules."""
    expected = json.loads((Path(__file__).parent / "data" / "failed_step.json").read_text())
    stack = 'Traceback\n  File "a.py", line 7, in write\nOSError: disk full'
    exception = {
        "exception.type": "OSError",
        "exception.message": "disk full",
        "exception.stacktrace": stack,
    }
    failed = span(
        "Write Data",
        attributes={"spark.step.outcome": "executed", "rows": 3682},
        resource={
            "service.name": "clean job",
            "telemetry.sdk.language": "python",
            "telemetry.sdk.name": "opentelemetry",
        },
        events=[Event("exception", exception)],
        status=Status(StatusCode.ERROR, "OSError: disk full"),
    )
    document = segment_document(failed)
    document["cause"]["exceptions"][0].pop("id")
    assert document == expected


@pytest.mark.parametrize(
    ("text", "metadata"),
    [
        ('{"a": 1e999, "b": -1e999, "c": 1e3}', {"x": {"a": "1e999", "b": "-1e999", "c": 1000.0}}),
        ('{"a": NaN, "b": -Infinity}', {"x": {"a": "NaN", "b": "-Infinity"}}),
        ('{"a": ' * 64 + "1" + "}" * 64, None),
        (
            '{"a": ' * 65 + "1" + "}" * 65,
            {"default": {"aws.xray.metadata.x": '{"a": ' * 65 + "1" + "}" * 65}},
        ),
        ("[" * 100_000, {"default": {"aws.xray.metadata.x": "[" * 100_000}}),
    ],
    ids=["infinite", "no numbers", "deep", "too deep", "no JSON"],
)
def test_a_namespace_is_json_that_everybody_can_read(text: str, metadata: dict[str, Any] | None) -> None:
    written = segment_json(span(attributes={"aws.xray.metadata.x": text}))
    document = json.loads(written, parse_constant=pytest.fail)
    assert document["metadata"] == (metadata or {"x": json.loads(text)})
