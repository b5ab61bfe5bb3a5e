# SPDX-License-Identifier: Apache-2.0
"""State machines that start Glue jobs. The scripts need no Spark session, which keeps a run short."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.waiting import Client, wait_until

_RUN_JOB = "arn:aws:states:::glue:startJobRun.sync"
_ROLE = "arn:aws:iam::000000000000:role/r"
_ENDED = {"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"}

Machine = Callable[..., str]


@pytest.fixture
def job(aws: Client, bucket: str, request: pytest.FixtureRequest) -> str:
    """Make a job from the script that the test's marker holds."""
    name = str(request.node.name)
    script = textwrap.dedent(request.node.get_closest_marker("parametrize").args[1][0])
    aws("s3").put_object(Bucket=bucket, Key=f"code/{name}.py", Body=script)
    command = {"Name": "glueetl", "ScriptLocation": f"s3://{bucket}/code/{name}.py"}
    aws("glue").create_job(Name=name, Role="r", Command=command, GlueVersion="5.1")
    return name


def _script(text: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("script", [text], ids=["job"])


@pytest.fixture
def machine(aws: Client, request: pytest.FixtureRequest) -> Machine:
    def create(**definition: Any) -> str:
        arn: str = aws("stepfunctions").create_state_machine(
            name=request.node.originalname, roleArn=_ROLE, definition=json.dumps(definition)
        )["stateMachineArn"]
        return arn

    return create


def _task(job: str, **members: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": _RUN_JOB,
        "Parameters": {"JobName": job, "Arguments": {"--a.$": "$.a"}},
        **members,
    }


def _start(aws: Client, machine: str, **members: Any) -> str:
    arn: str = aws("stepfunctions").start_execution(stateMachineArn=machine, **members)["executionArn"]
    return arn


def _ended(aws: Client, execution: str) -> dict[str, Any]:
    def described() -> dict[str, Any] | None:
        found: dict[str, Any] = aws("stepfunctions").describe_execution(executionArn=execution)
        return found if found["status"] in _ENDED else None

    found: dict[str, Any] = wait_until(described, seconds=120)
    return found


def _events(aws: Client, execution: str) -> list[str]:
    history = aws("stepfunctions").get_execution_history(executionArn=execution)["events"]
    return [event["type"] for event in history]


@_script("import sys; print(sys.argv)")
def test_the_task_waits_for_the_run_and_returns_it(
    aws: Client, job: str, machine: Machine, script: str
) -> None:
    arn = machine(StartAt="Clean Data", States={"Clean Data": _task(job, End=True)})
    execution = _ended(aws, _start(aws, arn, input='{"a": "b c"}'))
    output = json.loads(execution["output"])
    assert execution["status"] == "SUCCEEDED"
    assert (output["JobName"], output["JobRunState"]) == (job, "SUCCEEDED")
    assert output["Arguments"] == {"--a": "b c"}
    assert output["CompletedOn"] >= output["StartedOn"] > 1_700_000_000_000  # milliseconds
    assert _events(aws, execution["executionArn"]) == [
        "ExecutionStarted", "TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSubmitted",
        "TaskSucceeded", "TaskStateExited", "ExecutionSucceeded",
    ]  # fmt: skip


def test_the_submitted_event_names_run_and_request(aws: Client) -> None:
    machines = aws("stepfunctions").list_state_machines()["stateMachines"]
    arn = next(
        m["stateMachineArn"]
        for m in machines
        if m["name"] == "test_the_task_waits_for_the_run_and_returns_it"
    )
    execution = aws("stepfunctions").list_executions(stateMachineArn=arn)["executions"][0]["executionArn"]
    history = aws("stepfunctions").get_execution_history(executionArn=execution)["events"]
    details = next(
        event["taskSubmittedEventDetails"] for event in history if event["type"] == "TaskSubmitted"
    )
    output = json.loads(details["output"])
    assert (details["resourceType"], details["resource"]) == ("glue", "startJobRun.sync")
    assert output["JobRunId"].startswith("jr_")
    assert len(output["SdkResponseMetadata"]["RequestId"]) == 36


@_script("raise RuntimeError('no price')")
def test_a_run_that_fails_is_retried_and_then_caught(
    aws: Client, job: str, machine: Machine, script: str
) -> None:
    retry = [
        {
            "ErrorEquals": ["States.TaskFailed"],
            "MaxAttempts": 1,
            "IntervalSeconds": 1,
            "JitterStrategy": "FULL",
        }
    ]
    catch = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": "Failed"}]
    failed = {"Type": "Fail", "ErrorPath": "$.failure.Error", "CausePath": "$.failure.Cause"}
    states = {"Clean": _task(job, Retry=retry, Catch=catch, End=True), "Failed": failed}
    execution = _ended(aws, _start(aws, machine(StartAt="Clean", States=states), input='{"a": "b"}'))
    cause = json.loads(execution["cause"])
    assert (execution["status"], execution["error"]) == ("FAILED", "States.TaskFailed")
    assert cause["JobRunState"] == "FAILED"
    expected = "Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 1; RuntimeError: no price"
    assert cause["ErrorMessage"] == expected
    assert _events(aws, execution["executionArn"]).count("TaskFailed") == 2
    assert len(aws("glue").get_job_runs(JobName=job)["JobRuns"]) == 2


@_script("import time; time.sleep(600)")
def test_stopping_the_execution_stops_the_run(aws: Client, job: str, machine: Machine, script: str) -> None:
    execution = _start(
        aws, machine(StartAt="Clean", States={"Clean": _task(job, End=True)}), input='{"a": "b"}'
    )
    _running(aws, job)
    aws("stepfunctions").stop_execution(executionArn=execution, error="Mine", cause="enough")
    assert _ended(aws, execution)["status"] == "ABORTED"
    _run_ends(aws, job, "STOPPED")
    assert _events(aws, execution)[-1] == "ExecutionAborted"
    assert aws("stepfunctions").describe_execution(executionArn=execution)["status"] == "ABORTED"


@_script("import time; time.sleep(600)")
def test_the_time_out_of_the_task_stops_the_run(aws: Client, job: str, machine: Machine, script: str) -> None:
    states = {"Clean": _task(job, End=True, TimeoutSeconds=2)}
    execution = _ended(aws, _start(aws, machine(StartAt="Clean", States=states), input='{"a": "b"}'))
    assert (execution["status"], execution["error"]) == ("FAILED", "States.Timeout")
    assert "TaskTimedOut" in _events(aws, execution["executionArn"])
    _run_ends(aws, job, "STOPPED")


@_script("import time; time.sleep(600)")
def test_the_time_out_of_the_machine_stops_the_run(
    aws: Client, job: str, machine: Machine, script: str
) -> None:
    arn = machine(StartAt="Clean", States={"Clean": _task(job, End=True)}, TimeoutSeconds=2)
    execution = _ended(aws, _start(aws, arn, input='{"a": "b"}'))
    assert execution["status"] == "TIMED_OUT"
    assert _events(aws, execution["executionArn"])[-1] == "ExecutionTimedOut"
    _run_ends(aws, job, "STOPPED")


def test_an_error_of_the_glue_api_has_its_own_name(aws: Client, machine: Machine) -> None:
    arn = machine(StartAt="Clean", States={"Clean": _task("no-such-job", End=True)})
    execution = _ended(aws, _start(aws, arn, input='{"a": "b"}'))
    assert execution["error"] == "Glue.EntityNotFoundException"
    assert "no-such-job" in execution["cause"]


def test_an_argument_that_is_no_string_fails_before_the_job_starts(aws: Client, machine: Machine) -> None:
    arn = machine(StartAt="Clean", States={"Clean": _task("any", End=True)})
    execution = _ended(aws, _start(aws, arn, input='{"a": null}'))
    assert execution["error"] == "States.Runtime"
    assert "--a" in execution["cause"]


def test_the_same_name_and_input_start_one_execution(aws: Client, machine: Machine) -> None:
    wait = {"Type": "Wait", "Seconds": 600, "End": True}
    arn = machine(StartAt="Wait", States={"Wait": wait})
    states = aws("stepfunctions")
    first = states.start_execution(stateMachineArn=arn, name="once", input='{"a": 1}')
    again = states.start_execution(stateMachineArn=arn, name="once", input='{"a": 1}')
    assert again["executionArn"] == first["executionArn"]
    assert again["startDate"] == first["startDate"]
    with pytest.raises(ClientError) as caught:
        states.start_execution(stateMachineArn=arn, name="once", input='{"a": 2}')
    assert caught.value.response["Error"]["Code"] == "ExecutionAlreadyExists"
    states.stop_execution(executionArn=first["executionArn"])
    with pytest.raises(ClientError) as caught:
        states.start_execution(stateMachineArn=arn, name="once", input='{"a": 1}')
    assert caught.value.response["Error"]["Code"] == "ExecutionAlreadyExists"


def _running(aws: Client, job: str) -> None:
    wait_until(lambda: [run for run in _runs(aws, job) if run["JobRunState"] == "RUNNING"])


def _run_ends(aws: Client, job: str, state: str) -> None:
    wait_until(lambda: [run["JobRunState"] for run in _runs(aws, job)] == [state])


def _runs(aws: Client, job: str) -> list[dict[str, Any]]:
    runs: list[dict[str, Any]] = aws("glue").get_job_runs(JobName=job)["JobRuns"]
    return runs
