# SPDX-License-Identifier: Apache-2.0
"""One trace through the services: Lambda starts a state machine, whose work reports to the collector."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.trace import SpanContext, SpanKind, TraceFlags

from local_cloud.xray.ids import new_trace_id
from local_cloud.xray.traces.assembly import walk
from tests.integration.local_cloud.xray.ministack import Ministack
from tests.unit.local_cloud.xray.support import eventually, export
from xray_common.trace_header import TraceHeader, parse_trace_header

_STARTER = """
import os
if os.environ.get("PATCHED"):
    from aws_xray_sdk.core import patch
    patch(["botocore"])
import boto3
def handler(event, context):
    boto3.client("stepfunctions").start_execution(stateMachineArn=event["machine"])
    return os.environ["_X_AMZN_TRACE_ID"]
"""


def start(ministack: Ministack, name: str, *, patched: bool) -> tuple[TraceHeader, list[dict[str, Any]]]:
    """Have a function start an execution; return what the function saw and the trace."""
    work = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:listBuckets", "End": True}
    machine = ministack.create_state_machine(
        name, {"StartAt": "Work", "States": {"Work": work}}, tracing=True
    )
    ministack.create_function(name, _STARTER)
    if patched:
        client = ministack.client("lambda")
        client.update_function_configuration(FunctionName=name, Environment={"Variables": {"PATCHED": "1"}})
    payload = json.dumps({"machine": machine})
    answer = ministack.client("lambda").invoke(FunctionName=name, Payload=payload)["Payload"].read()
    header = parse_trace_header(json.loads(answer))
    assert header is not None
    return header, ministack.complete(header.trace_id, "AWS::StepFunctions::StateMachine")


def machine_segment(documents: list[dict[str, Any]]) -> dict[str, Any]:
    (machine,) = [d for d in documents if d.get("origin") == "AWS::StepFunctions::StateMachine"]
    return machine


def test_without_an_sdk_the_execution_hangs_below_the_function(ministack: Ministack) -> None:
    # botocore itself passes the function's header on
    header, documents = start(ministack, "plain-start", patched=False)
    assert machine_segment(documents)["parent_id"] == header.parent_id


def test_with_the_sdk_the_execution_hangs_below_the_call(ministack: Ministack) -> None:
    header, documents = start(ministack, "patched-start", patched=True)

    def nested() -> Any:
        entities = [entity for document in ministack.documents(header.trace_id) for entity in walk(document)]
        calls = [e for e in entities if e.get("aws", {}).get("operation") == "StartExecution"]
        return calls if len(calls) == 1 else None  # no inferred segment: the service sends its own

    (call,) = eventually(nested)
    assert machine_segment(documents)["parent_id"] == call["id"]


@pytest.fixture
def private_name(ministack: Ministack) -> Iterator[str]:
    """A Cloud Map service, deployed for this test."""
    client = ministack.client("servicediscovery")
    operation = client.create_private_dns_namespace(Name="telemetry.internal", Vpc="vpc-1")["OperationId"]
    eventually(lambda: client.get_operation(OperationId=operation)["Operation"]["Status"] == "SUCCESS")
    namespace = client.get_operation(OperationId=operation)["Operation"]["Targets"]["NAMESPACE"]
    service = client.create_service(Name="collector", NamespaceId=namespace)["Service"]["Id"]
    yield "collector.telemetry.internal"
    client.delete_service(Id=service)


def job_span(root: str, parent: str) -> ReadableSpan:
    """A job's span, as the SDK would end it."""

    def context(span_id: str) -> SpanContext:
        trace_id = int(root[2:].replace("-", ""), 16)
        return SpanContext(
            trace_id, int(span_id, 16), is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED)
        )

    return ReadableSpan(
        name="job",
        context=context("00000000000000e1"),
        parent=context(parent),
        resource=Resource({"service.name": "clean job"}),
        kind=SpanKind.SERVER,
        start_time=1_000_000_000,
        end_time=2_000_000_000,
    )


def test_a_job_reports_through_the_private_name(
    ministack: Ministack, private_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a finished execution with an inferred segment, and the environment of a job
    header, documents = start(ministack, "with-job", patched=False)
    (inferred,) = [document for document in documents if document.get("inferred")]
    monkeypatch.setenv("HTTP_PROXY", ministack.collector)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    # When the job's exporter sends a span below it to the collector's name
    span = job_span(header.trace_id, inferred["id"])
    assert export([span], endpoint=f"http://{private_name}:4318") is SpanExportResult.SUCCESS
    # Then the trace is one tree
    documents = ministack.documents(header.trace_id)
    assert "clean job" in [document["name"] for document in documents]
    known = {entity["id"] for document in documents for entity in walk(document)}
    parents = [document.get("parent_id") for document in documents]
    assert parents.count(None) == 1
    assert set(parents) - {None} <= known


def test_a_name_that_is_not_deployed_fails_the_export(
    ministack: Ministack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", ministack.collector)
    span = job_span(new_trace_id(), "00000000000000aa")
    result = export([span], endpoint="http://collector.gone.internal:4318", timeout=1)
    assert result is SpanExportResult.FAILURE


def test_faults_of_the_collector_are_switched_from_outside(ministack: Ministack) -> None:
    assert not os.environ.get("HTTP_PROXY")
    span = job_span(new_trace_id(), "00000000000000aa")
    before = ministack.control()["collector"]["received"]
    for fault in ({"mode": "down"}, {"mode": "status", "status": 400}, {"mode": "reset"}):
        ministack.control(collector_fault=fault)
        assert ministack.control()["collector"]["fault"] == fault["mode"]
        assert export([span], endpoint=ministack.collector, timeout=1) is SpanExportResult.FAILURE
    ministack.control(collector_fault=None)
    assert export([span], endpoint=ministack.collector, timeout=1) is SpanExportResult.SUCCESS
    assert ministack.control()["collector"]["received"] == before + 1
