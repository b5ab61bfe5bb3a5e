# SPDX-License-Identifier: Apache-2.0
"""The AWS call of a task, as the handler of an integration describes it."""

from __future__ import annotations

from typing import Any

import pytest

from local_cloud.xray.segments import calls
from local_cloud.xray.segments.calls import describe_call
from local_cloud.xray.segments.causes import cause
from local_cloud.xray.segments.executions import ExecutionTrace
from local_cloud.xray.segments.tasks import TaskCall
from local_cloud.xray.traces.store import TraceStore
from xray_common.trace_header import TraceHeader

from .samples import TRACE

_RESOURCE = "arn:aws:states:::glue:startJobRun.sync"
_FAILURE = cause(type="States.TaskFailed", message="the run failed")


class Task:
    """A Glue task of a running execution."""

    def __init__(self) -> None:
        self.store = TraceStore()
        execution = {
            "executionArn": "arn:aws:states:us-east-1:000000000000:execution:machine:run",
            "stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:machine",
            "name": "run",
            "status": "RUNNING",
        }
        header = TraceHeader(trace_id=TRACE, parent_id="00000000000000aa", sampled=True)
        trace = ExecutionTrace(store=self.store, header=header, execution=execution, started=1000.0)
        call = TaskCall.of(_RESOURCE, {"JobName": "clean"})
        assert call is not None
        self.call = call
        self.call.open(trace, trace.open("Clean Data", below=trace.segment))

    def shown(self) -> dict[str, Any]:
        """The call as readers of the trace see it now."""
        trace = self.store.trace(TRACE)
        assert trace is not None
        call: dict[str, Any] = trace.segments[0]["subsegments"][0]["subsegments"][0]
        return call


@pytest.fixture
def task() -> Task:
    return Task()


def test_a_call_is_shown_while_it_runs(task: Task) -> None:
    call = task.shown()
    assert (call["name"], call["namespace"], call["in_progress"]) == ("Glue", "aws", True)
    assert (call["aws"]["operation"], call["aws"]["resource_names"]) == ("StartJobRun", ["clean"])
    assert str(task.call.header) == f"Root={TRACE};Parent={call['id']};Sampled=1"


def test_the_handler_names_the_request_and_ends_the_call(task: Task) -> None:
    token = calls.current.set(task.call)
    describe_call(request_id="r-1")
    calls.current.reset(token)
    # The run goes on, and fails: that is no failure of the call
    task.call.fail(_FAILURE)
    call = task.shown()
    assert (call["aws"]["request_id"], call["http"]) == ("r-1", {"response": {"status": 200}})
    assert not {"fault", "error", "cause", "in_progress"} & set(call)


@pytest.mark.parametrize(("status", "flag"), [(400, "error"), (503, "fault")])
def test_a_refused_call_keeps_the_status_of_the_answer(task: Task, status: int, flag: str) -> None:
    token = calls.current.set(task.call)
    describe_call(request_id="r-1", status=status)
    calls.current.reset(token)
    call = task.shown()
    assert (call[flag], call["http"]) == (True, {"response": {"status": status}})


def test_a_handler_that_says_nothing_gets_a_request_id_and_the_time_of_its_task(task: Task) -> None:
    assert len(task.shown()["aws"]["request_id"]) == 36
    task.call.fail(_FAILURE)
    call = task.shown()
    assert (call["error"], call["cause"]) == (True, _FAILURE)


def test_outside_a_task_describing_does_nothing() -> None:
    describe_call(request_id="r-1", status=500)


@pytest.mark.parametrize(
    ("resource", "name", "operation"),
    [
        ("arn:aws:lambda:us-east-1:000000000000:function:f", "Lambda", "Invoke"),
        ("arn:aws:states:::lambda:invoke.waitForTaskToken", "Lambda", "Invoke"),
        ("arn:aws:states:::aws-sdk:s3:listBuckets", "S3", "ListBuckets"),
        ("arn:aws:states:::dynamodb:putItem", "DynamoDB", "PutItem"),
        ("arn:aws:states:::states:startExecution.sync:2", "StepFunctions", "StartExecution"),
    ],
)
def test_the_resource_of_a_task_says_which_call_it_makes(resource: str, name: str, operation: str) -> None:
    call = TaskCall.of(resource, {})
    assert call is not None
    store = TraceStore()
    execution = {
        "executionArn": "arn:aws:states:us-east-1:000000000000:execution:machine:run",
        "stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:machine",
        "name": "run",
    }
    header = TraceHeader(trace_id=TRACE, sampled=True)
    trace = ExecutionTrace(store=store, header=header, execution=execution, started=1000.0)
    call.open(trace, trace.segment)
    assert (call.entity["name"], call.entity["aws"]["operation"]) == (name, operation)


def test_an_activity_makes_no_call() -> None:
    assert TaskCall.of("arn:aws:states:us-east-1:000000000000:activity:by-hand", {}) is None
