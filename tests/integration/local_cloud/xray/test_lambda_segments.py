# SPDX-License-Identifier: Apache-2.0
"""The segments that Lambda sends, with real functions in real processes."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud.xray.ids import new_trace_id
from tests.integration.local_cloud.xray.ministack import Ministack
from tests.unit.local_cloud.xray.support import eventually
from xray_common.trace_header import TraceHeader, parse_trace_header

_SHOW = """
import os
def handler(event, context):
    return {"header": os.environ.get("_X_AMZN_TRACE_ID"), "request_id": context.aws_request_id}
"""
_FAIL = """
def check(event):
    raise KeyError("no such key")
def handler(event, context):
    check(event)
"""
_FAIL_TWICE = """
import pathlib
def handler(event, context):
    tries = pathlib.Path(event["file"])
    tries.write_text(tries.read_text() + "x" if tries.exists() else "x")
    if len(tries.read_text()) < 3:
        raise RuntimeError("not yet")
"""
_CALL_S3 = """
from aws_xray_sdk.core import patch, xray_recorder
patch(["botocore"])
import boto3
def handler(event, context):
    with xray_recorder.in_subsegment("look around"):
        boto3.client("s3").list_buckets()
"""
_SLEEP = """
import time
def handler(event, context):
    time.sleep(30)
"""


def invoke(ministack: Ministack, name: str, *, header: str | None = None, **arguments: Any) -> dict[str, Any]:
    """Invoke a function, with a trace header where one is given, and return what it returned."""
    client = ministack.client("lambda")
    if header:
        client.meta.events.register(
            "before-sign.lambda.Invoke",
            lambda request, **_: request.headers.add_header("X-Amzn-Trace-Id", header),
        )
    payload = client.invoke(FunctionName=name, **arguments)["Payload"].read()
    answer: dict[str, Any] = json.loads(payload) if payload else {}
    return answer


def trace_of(answer: dict[str, Any]) -> TraceHeader:
    header = parse_trace_header(answer["header"])
    assert header is not None
    return header


def test_a_cold_and_a_warm_invocation(ministack: Ministack) -> None:
    arn = ministack.create_function("show", _SHOW)
    cold, warm = invoke(ministack, "show"), invoke(ministack, "show")
    for answer, parts in (
        (cold, ["Initialization", "Invocation", "Overhead"]),
        (warm, ["Invocation", "Overhead"]),
    ):
        header = trace_of(answer)
        service, function = ministack.documents(header.trace_id)
        # The function sees its own segment as parent, and that it is sampled
        assert (header.parent_id, header.sampled) == (function["id"], True)
        assert {"id", "name", "start_time", "trace_id", "end_time"} < set(service)
        assert (service["name"], service["origin"], service["resource_arn"]) == ("show", "AWS::Lambda", arn)
        assert service["http"] == {"response": {"status": 200}}
        assert service["aws"] == {"request_id": answer["request_id"]}
        assert (function["name"], function["origin"]) == ("show", "AWS::Lambda::Function")
        assert function["parent_id"] == service["id"]
        assert function["aws"] == {
            "account_id": "000000000000",
            "function_arn": arn,
            "resource_names": ["show"],
        }
        assert [part["name"] for part in function["subsegments"]] == parts
        ends = [part["end_time"] for part in function["subsegments"]]
        starts = [part["start_time"] for part in function["subsegments"]]
        assert ends[:-1] == starts[1:]  # one part ends where the next begins
        assert service["start_time"] <= starts[0] <= ends[-1] <= service["end_time"]
    assert trace_of(cold).trace_id != trace_of(warm).trace_id


def test_subsegments_of_the_sdk_are_nested_and_the_service_is_inferred(ministack: Ministack) -> None:
    ministack.create_function("call-s3", _CALL_S3)
    root = new_trace_id()
    invoke(ministack, "call-s3", header=f"Root={root};Parent=00000000000000aa;Sampled=1")

    def with_call() -> Any:
        documents = ministack.documents(root)
        return documents if len(documents) == 3 and "subsegments" in documents[1] else None

    service, function, inferred = eventually(with_call)
    assert service["parent_id"] == "00000000000000aa"
    (work,) = [part for part in function["subsegments"] if part["name"] == "look around"]
    (call,) = work["subsegments"]
    assert (call["namespace"], call["aws"]["operation"]) == ("aws", "ListBuckets")
    assert (inferred["parent_id"], inferred["origin"], inferred["inferred"]) == (call["id"], "AWS::S3", True)


def test_a_failure_is_a_fault_with_its_exception(ministack: Ministack) -> None:
    ministack.create_function("fail", _FAIL)
    root = new_trace_id()
    invoke(ministack, "fail", header=f"Root={root};Sampled=1")
    service, function = ministack.documents(root)
    assert service["fault"] is True
    assert service["http"] == {"response": {"status": 200}}  # the invocation was answered
    assert function["fault"] is True
    (exception,) = function["cause"]["exceptions"]
    assert (exception["type"], exception["message"]) == ("KeyError", "'no such key'")
    assert [(frame["label"], frame["line"]) for frame in exception["stack"]][:2] == [
        ("check", 3),
        ("handler", 5),
    ]
    (invocation,) = [part for part in function["subsegments"] if part["name"] == "Invocation"]
    assert invocation["fault"] is True


def test_a_time_out_is_a_fault(ministack: Ministack) -> None:
    ministack.create_function("sleep", _SLEEP, timeout=1)
    root = new_trace_id()
    invoke(ministack, "sleep", header=f"Root={root};Sampled=1")
    _, function = ministack.documents(root)
    (exception,) = function["cause"]["exceptions"]
    assert (exception["type"], exception["message"]) == (
        "Sandbox.Timedout",
        "Task timed out after 1.00 seconds",
    )


def test_the_attempts_of_an_event_are_one_trace(ministack: Ministack, tmp_path: Any) -> None:
    # Given a function that works at the third attempt
    ministack.create_function("third", _FAIL_TWICE)
    root = new_trace_id()
    # When it gets an asynchronous event
    invoke(
        ministack,
        "third",
        header=f"Root={root};Parent=00000000000000aa;Sampled=1",
        InvocationType="Event",
        Payload=json.dumps({"file": str(tmp_path / "tries")}),
    )
    # Then Lambda's segment holds the time in the queue and three attempts
    service, *functions = ministack.complete(root, "AWS::Lambda::Function", count=3)
    assert service["http"] == {"response": {"status": 202}}
    assert service["parent_id"] == "00000000000000aa"
    dwell, *attempts = service["subsegments"]
    assert dwell["name"] == "Dwell Time"
    assert [attempt["name"] for attempt in attempts] == ["Attempt #1", "Attempt #2", "Attempt #3"]
    assert [attempt.get("fault", False) for attempt in attempts] == [True, True, False]
    assert dwell["end_time"] == attempts[0]["start_time"]
    # and each run of the function hangs below its attempt
    assert [function["parent_id"] for function in functions] == [attempt["id"] for attempt in attempts]
    assert [function.get("fault", False) for function in functions] == [True, True, False]
    assert "fault" not in service


def test_an_unsampled_caller_is_followed(ministack: Ministack) -> None:
    ministack.create_function("unsampled", _SHOW)
    root = new_trace_id()
    answer = invoke(ministack, "unsampled", header=f"Root={root};Parent=00000000000000aa;Sampled=0")
    assert answer["header"] == f"Root={root};Parent=00000000000000aa;Sampled=0"
    assert ministack.documents(root) == []


def test_without_active_tracing_lambda_follows_the_caller_only(ministack: Ministack) -> None:
    ministack.create_function("pass-through", _SHOW, tracing="PassThrough")
    assert invoke(ministack, "pass-through")["header"] is None
    root = new_trace_id()
    invoke(ministack, "pass-through", header=f"Root={root};Parent=00000000000000aa;Sampled=1")
    assert [document["origin"] for document in ministack.documents(root)] == [
        "AWS::Lambda",
        "AWS::Lambda::Function",
    ]


def test_a_caller_that_leaves_the_decision_open_gets_one(ministack: Ministack) -> None:
    ministack.create_function("decide", _SHOW)
    root = new_trace_id()
    assert trace_of(invoke(ministack, "decide", header=f"Root={root}")).sampled is True
    assert len(ministack.documents(root)) == 2


@pytest.mark.parametrize("header", ["nonsense", "Root=1-abc;Sampled=1", "Root=;Parent=;Sampled=", ";;;"])
def test_a_malformed_header_is_as_none(ministack: Ministack, header: str) -> None:
    name = f"malformed-{abs(hash(header))}"
    ministack.create_function(name, _SHOW)
    assert len(ministack.documents(trace_of(invoke(ministack, name, header=header)).trace_id)) == 2


def test_a_refused_invocation_shows_as_throttled(ministack: Ministack) -> None:
    ministack.create_function("reserved", _SHOW)
    client = ministack.client("lambda")
    client.put_function_concurrency(FunctionName="reserved", ReservedConcurrentExecutions=0)
    root = new_trace_id()
    with pytest.raises(ClientError, match="Rate Exceeded"):
        invoke(ministack, "reserved", header=f"Root={root};Parent=00000000000000aa;Sampled=1")
    (service,) = ministack.documents(root)
    assert (service["throttle"], service["error"], service["http"]) == (
        True,
        True,
        {"response": {"status": 429}},
    )


def test_many_at_once_are_as_many_complete_traces(ministack: Ministack) -> None:
    from concurrent.futures import ThreadPoolExecutor

    ministack.create_function("many", _SHOW)

    def run(_: int) -> str:
        return trace_of(invoke(ministack, "many")).trace_id

    with ThreadPoolExecutor(4) as pool:
        roots = list(pool.map(run, range(20)))
    assert len(set(roots)) == 20
    assert {len(ministack.documents(root)) for root in roots} == {2}


def test_a_payload_that_is_no_object(ministack: Ministack) -> None:
    ministack.create_function("any-payload", _SHOW)
    answer = invoke(ministack, "any-payload", Payload=io.BytesIO(b'"text"'))
    assert len(ministack.documents(trace_of(answer).trace_id)) == 2
