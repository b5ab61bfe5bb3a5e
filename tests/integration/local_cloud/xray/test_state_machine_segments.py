# SPDX-License-Identifier: Apache-2.0
"""The segments that Step Functions sends, with real executions."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from local_cloud.xray.ids import new_trace_id
from tests.integration.local_cloud.xray.ministack import Ministack
from tests.unit.local_cloud.xray.support import eventually
from xray_common.trace_header import parse_trace_header

_CALLER = "00000000000000aa"
_PASS = {"Work": {"Type": "Pass", "End": True}}
_FUNCTION = """
import os
def handler(event, context):
    if event.get("fail"):
        raise ValueError("wrong column")
    return os.environ.get("_X_AMZN_TRACE_ID")
"""


def header(root: str, *, sampled: int = 1) -> str:
    return f"Root={root};Parent={_CALLER};Sampled={sampled}"


def call(name: str, *, fail: bool = False, **fields: Any) -> dict[str, Any]:
    """A task that invokes a function."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": name, "Payload": {"fail": fail}},
        **fields,
    }


def machine_of(ministack: Ministack, name: str, states: dict[str, Any], *, tracing: bool = True) -> str:
    """A state machine that starts with its first state."""
    return ministack.create_state_machine(
        name, {"StartAt": next(iter(states)), "States": states}, tracing=tracing
    )


def state_machine_segment(documents: list[dict[str, Any]]) -> dict[str, Any]:
    (found,) = [d for d in documents if d.get("origin") == "AWS::StepFunctions::StateMachine"]
    return found


@pytest.fixture(scope="module")
def function(ministack: Ministack) -> str:
    ministack.create_function("stepped", _FUNCTION, tracing="PassThrough")
    return "stepped"


def test_a_successful_execution(ministack: Ministack, function: str) -> None:
    arn = machine_of(
        ministack,
        "succeeds",
        {
            "Call It": call(function, Next="Wait A Bit"),
            "Wait A Bit": {"Type": "Wait", "Seconds": 0, "Next": "Done"},
            "Done": {"Type": "Succeed"},
        },
    )
    root = new_trace_id()
    execution = ministack.run(arn, traceHeader=header(root), name="run-1", input='{"key": "input/a b.csv"}')
    documents = ministack.complete(root, "AWS::StepFunctions::StateMachine")
    segment = state_machine_segment(documents)
    assert (segment["name"], segment["parent_id"]) == ("succeeds", _CALLER)
    assert segment["resource_arn"] == arn
    assert segment["aws"] == {
        "account_id": "000000000000",
        "region": "us-east-1",
        "execution_arn": execution["executionArn"],
        "execution_name": "run-1",
        "input": '{"key": "input/a b.csv"}',
        "resource_names": ["succeeds"],
    }
    assert [state["name"] for state in segment["subsegments"]] == ["Call It", "Wait A Bit", "Done"]
    assert not [state for state in segment["subsegments"] if "fault" in state or "end_time" not in state]
    # The task's AWS call has the request id of the invocation, and the function hangs below it
    (sdk_call,) = segment["subsegments"][0]["subsegments"]
    assert (sdk_call["name"], sdk_call["namespace"]) == ("Lambda", "aws")
    assert sdk_call["http"] == {"response": {"status": 200}}
    (service,) = [d for d in documents if d.get("origin") == "AWS::Lambda"]
    assert service["parent_id"] == sdk_call["id"]
    assert sdk_call["aws"] == {
        "region": "us-east-1",
        "operation": "Invoke",
        "request_id": service["aws"]["request_id"],
        "resource_names": [function],
    }
    # What the function saw is the trace of the caller
    seen = parse_trace_header(json.loads(execution["output"])["Payload"])
    assert seen is not None and seen.trace_id == root
    assert not [document for document in documents if document.get("inferred")]


def test_each_attempt_is_a_call_and_a_caught_failure_marks_its_state(
    ministack: Ministack, function: str
) -> None:
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 0, "MaxAttempts": 2}]
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Give Up"}]
    states = {
        "Try": call(function, fail=True, Retry=retry, Catch=catch, End=True),
        "Give Up": {"Type": "Fail", "Error": "PipelineFailed", "Cause": "the file has a wrong column"},
    }
    arn = machine_of(ministack, "catches", states)
    root = new_trace_id()
    assert ministack.run(arn, traceHeader=header(root))["status"] == "FAILED"
    segment = state_machine_segment(ministack.complete(root, "AWS::StepFunctions::StateMachine"))
    tried, gave_up = segment["subsegments"]
    assert [sdk_call["fault"] for sdk_call in tried["subsegments"]] == [True, True, True]
    assert [sdk_call["http"]["response"]["status"] for sdk_call in tried["subsegments"]] == [200, 200, 200]
    assert len({sdk_call["aws"]["request_id"] for sdk_call in tried["subsegments"]}) == 3
    assert tried["fault"] is True
    assert "wrong column" in tried["cause"]["exceptions"][0]["message"]
    for failed in (gave_up, segment):
        assert failed["fault"] is True
        (exception,) = failed["cause"]["exceptions"]
        assert (exception["type"], exception["message"]) == ("PipelineFailed", "the file has a wrong column")


def test_a_retry_that_works_leaves_the_state_without_fault(ministack: Ministack) -> None:
    counting = """
import pathlib
def handler(event, context):
    seen = pathlib.Path("/tmp") / context.function_name
    if not seen.exists():
        seen.touch()
        raise ValueError("first time")
    seen.unlink()
"""
    name = f"second-time-{time.time_ns()}"
    ministack.create_function(name, counting)
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 0, "MaxAttempts": 1}]
    arn = machine_of(ministack, "retries", {"Try": call(name, Retry=retry, End=True)})
    root = new_trace_id()
    assert ministack.run(arn, traceHeader=header(root))["status"] == "SUCCEEDED"
    segment = state_machine_segment(ministack.complete(root, "AWS::StepFunctions::StateMachine"))
    (state,) = segment["subsegments"]
    assert [sdk_call.get("fault", False) for sdk_call in state["subsegments"]] == [True, False]
    assert "fault" not in state
    assert "fault" not in segment


def test_a_call_that_the_service_refuses(ministack: Ministack) -> None:
    wrong = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:getItem", "End": True}
    arn = machine_of(
        ministack, "refused", {"Read": {**wrong, "Parameters": {"TableName": "none", "Key": {}}}}
    )
    root = new_trace_id()
    assert ministack.run(arn, traceHeader=header(root))["status"] == "FAILED"
    documents = ministack.complete(root, "AWS::StepFunctions::StateMachine")
    (sdk_call,) = state_machine_segment(documents)["subsegments"][0]["subsegments"]
    assert (sdk_call["name"], sdk_call["aws"]["operation"]) == ("DynamoDB", "GetItem")
    assert (sdk_call["error"], sdk_call["http"]) == (True, {"response": {"status": 400}})
    # DynamoDB sends no segment: one is inferred, and failed as well
    (inferred,) = [document for document in documents if document.get("inferred")]
    assert (inferred["parent_id"], inferred["origin"], inferred["error"]) == (
        sdk_call["id"],
        "AWS::DynamoDB::Table",
        True,
    )


def test_a_running_execution_can_be_read(ministack: Ministack) -> None:
    states = {"Wait": {"Type": "Wait", "Seconds": 60, "Next": "Done"}, "Done": {"Type": "Succeed"}}
    arn = machine_of(ministack, "waits", states)
    root = new_trace_id()
    client = ministack.client("stepfunctions")
    execution = client.start_execution(stateMachineArn=arn, traceHeader=header(root))["executionArn"]

    def waiting() -> Any:
        documents = ministack.documents(root)
        return documents[0] if documents and documents[0]["subsegments"] else None

    segment = eventually(waiting)
    assert (segment["in_progress"], "end_time" in segment) == (True, False)
    assert [(state["name"], state["in_progress"]) for state in segment["subsegments"]] == [("Wait", True)]
    # Stopping it ends the segment at once, and what was running shows as failed
    client.stop_execution(executionArn=execution, error="Stopped", cause="by hand")
    (stopped,) = ministack.complete(root, "AWS::StepFunctions::StateMachine")
    assert stopped["fault"] is True
    assert stopped["subsegments"][0]["fault"] is True
    assert stopped["cause"]["exceptions"][0]["message"] == "by hand"


def test_branches_are_below_their_parallel_state(ministack: Ministack) -> None:
    branches = [
        {"StartAt": "Left", "States": {"Left": {"Type": "Pass", "End": True}}},
        {"StartAt": "Right", "States": {"Right": {"Type": "Pass", "End": True}}},
    ]
    arn = machine_of(ministack, "parallel", {"Both": {"Type": "Parallel", "Branches": branches, "End": True}})
    root = new_trace_id()
    ministack.run(arn, traceHeader=header(root))
    segment = state_machine_segment(ministack.complete(root, "AWS::StepFunctions::StateMachine"))
    (both,) = segment["subsegments"]
    assert sorted(state["name"] for state in both["subsegments"]) == ["Left", "Right"]


def test_a_nested_execution_belongs_to_the_trace(ministack: Ministack) -> None:
    inner = machine_of(ministack, "inner", _PASS, tracing=False)
    start = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": True}
    outer = machine_of(ministack, "outer", {"Start": {**start, "Parameters": {"StateMachineArn": inner}}})
    root = new_trace_id()
    ministack.run(outer, traceHeader=header(root))
    documents = ministack.complete(root, "AWS::StepFunctions::StateMachine", count=2)
    segments = {document["name"]: document for document in documents}
    (sdk_call,) = segments["outer"]["subsegments"][0]["subsegments"]
    assert (sdk_call["name"], sdk_call["aws"]["operation"]) == ("StepFunctions", "StartExecution")
    assert segments["inner"]["parent_id"] == sdk_call["id"]


def test_the_http_header_wins_over_the_body(ministack: Ministack) -> None:
    arn = machine_of(ministack, "header", _PASS)
    by_http, by_body = new_trace_id(), new_trace_id()
    client = ministack.client("stepfunctions")
    client.meta.events.register(
        "before-sign.sfn.StartExecution",
        lambda request, **_: request.headers.add_header("X-Amzn-Trace-Id", header(by_http)),
    )
    client.start_execution(stateMachineArn=arn, traceHeader=header(by_body))
    ministack.complete(by_http, "AWS::StepFunctions::StateMachine")
    assert ministack.documents(by_body) == []


def test_an_unsampled_header_sends_nothing(ministack: Ministack, function: str) -> None:
    arn = machine_of(ministack, "unsampled-machine", {"Call": call(function, End=True)})
    root = new_trace_id()
    execution = ministack.run(arn, traceHeader=header(root, sampled=0))
    assert ministack.documents(root) == []
    # and the function hears the same
    assert json.loads(execution["output"])["Payload"] == header(root, sampled=0)


def test_tracing_on_without_a_header_starts_a_trace(ministack: Ministack) -> None:
    arn = machine_of(ministack, "by-itself", _PASS)
    ministack.run(arn)
    summaries = ministack.client("xray").get_trace_summaries(
        StartTime=time.time() - 60, EndTime=time.time() + 1, FilterExpression='service("by-itself")'
    )["TraceSummaries"]
    (segment,) = ministack.complete(summaries[0]["Id"], "AWS::StepFunctions::StateMachine")
    assert "parent_id" not in segment


def test_tracing_off_without_a_header_starts_none(ministack: Ministack) -> None:
    arn = machine_of(ministack, "silent", _PASS, tracing=False)
    ministack.run(arn)
    found = ministack.client("xray").get_trace_summaries(
        StartTime=time.time() - 60, EndTime=time.time() + 1, FilterExpression='service("silent")'
    )
    assert found["TraceSummaries"] == []


def test_the_tracing_setting_is_kept_whoever_sets_it(ministack: Ministack) -> None:
    client = ministack.client("stepfunctions")

    def enabled(arn: str) -> bool:
        return bool(client.describe_state_machine(stateMachineArn=arn)["tracingConfiguration"]["enabled"])

    arn = machine_of(ministack, "switched", _PASS, tracing=False)
    assert not enabled(arn)
    client.update_state_machine(stateMachineArn=arn, tracingConfiguration={"enabled": True})
    assert enabled(arn)
    # A template
    properties = {
        "StateMachineName": "from-template",
        "RoleArn": "arn:aws:iam::000000000000:role/any",
        "DefinitionString": '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}',
        "TracingConfiguration": {"Enabled": True},
    }
    stacks = ministack.client("cloudformation")
    template = {
        "Resources": {"Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}
    }
    stacks.create_stack(StackName="traced", TemplateBody=json.dumps(template))
    created = arn.replace("switched", "from-template")

    def deployed() -> bool:
        return bool(
            stacks.describe_stacks(StackName="traced")["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"
        )

    eventually(deployed)
    assert enabled(created)
