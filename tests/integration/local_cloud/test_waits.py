# SPDX-License-Identifier: Apache-2.0
"""What is found around jobs, by real executions: a state that is tried again, a job that starts slowly."""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from local_cloud.xray.ids import new_trace_id
from stacks.packages import glue_library_zip
from tests.finding_table import check_said
from tests.integration.local_cloud.glue_jobs import create_job
from tests.waiting import Client, wait_until
from trace_viewer import Trace
from trace_viewer.model.findings import find_findings
from xray_common.findings import LIMITS, Finding

KINDS = {"waited_state": ("refused", "working"), "slow_start": ("refused", "working")}  # execution and twin
JOB = "one-at-a-time"
SCRIPT = """\
import sys, time
from xray_helper import step, traced_job
with traced_job(), step("Work"):
    time.sleep(float(sys.argv[sys.argv.index("--seconds") + 1]))
"""
_QUICK = dataclasses.replace(LIMITS, floor_s=0.0, floor_share=0.0, startup_s=0.1)
_SLACK_S = 0.2  # between an event of the history and the span of the same


@dataclass(frozen=True)
class Execution:
    """What Step Functions wrote of an execution, and what X-Ray has."""

    history: list[dict[str, Any]]
    trace: Trace

    def times(self, kind: str) -> list[datetime]:
        return [event["timestamp"] for event in self.history if event["type"] == kind]

    def found(self, kind: str) -> list[Finding]:
        return [one for one in find_findings(self.trace.tree, limits=_QUICK).found if one.kind == kind]


@pytest.fixture(scope="module")
def machine(aws: Client, bucket: str) -> str:
    """A state that starts a job which takes one run at a time, and tries again until it may."""
    aws("s3").upload_file(str(glue_library_zip()), bucket, "code/library.zip")
    arguments = {"--extra-py-files": f"s3://{bucket}/code/library.zip", "--traces": "on"}
    alone = {"MaxConcurrentRuns": 1}
    create_job(aws, bucket, JOB, SCRIPT, "pythonshell", DefaultArguments=arguments, ExecutionProperty=alone)
    refused = {"ErrorEquals": ["Glue.ConcurrentRunsExceededException"], "IntervalSeconds": 10}
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::glue:startJobRun.sync",
        "Parameters": {
            "JobName": JOB,
            "Arguments": {"--trace_header.$": "$.header", "--seconds.$": "$.seconds"},
        },
        "Retry": [{**refused, "BackoffRate": 1, "MaxAttempts": 90}],
        "End": True,
    }
    definition = json.dumps({"StartAt": "Clean Data", "States": {"Clean Data": state}})
    role = "arn:aws:iam::000000000000:role/r"
    created = aws("stepfunctions").create_state_machine(name="waits", roleArn=role, definition=definition)
    return str(created["stateMachineArn"])


def execute(aws: Client, machine: str, seconds: float, meanwhile: Callable[[str], None]) -> Execution:
    """Run the job for some seconds; ``meanwhile`` is given the execution."""
    states, trace_id = aws("stepfunctions"), new_trace_id()
    header = f"Root={trace_id};Parent={uuid.uuid4().hex[:16]};Sampled=1"
    given = json.dumps({"header": header, "seconds": str(seconds)})
    arn = states.start_execution(stateMachineArn=machine, input=given, traceHeader=header)["executionArn"]
    meanwhile(arn)
    wait_until(lambda: states.describe_execution(executionArn=arn)["status"] != "RUNNING")
    history = states.get_execution_history(executionArn=arn)["events"]
    assert history[-1]["type"] == "ExecutionSucceeded", history[-1]

    def ended() -> Trace | None:  # the machine sends its segment when it has ended
        (answer,) = aws("xray").batch_get_traces(TraceIds=[trace_id])["Traces"]
        trace = Trace(trace_id, tuple((one["Id"], one["Document"]) for one in answer["Segments"]))
        return None if trace.tree.status == "running" else trace

    return Execution(history, wait_until(ended))


@pytest.fixture(scope="module")
def refused(aws: Client, machine: str) -> Execution:
    """An execution whose job another run keeps from starting, until it was refused once."""
    glue, states = aws("glue"), aws("stepfunctions")
    holder = glue.start_job_run(JobName=JOB, Arguments={"--seconds": "600"})["JobRunId"]

    def let_go(arn: str) -> None:
        wait_until(lambda: "TaskFailed" in _types(states.get_execution_history(executionArn=arn)))
        glue.batch_stop_job_run(JobName=JOB, JobRunIds=[holder])

    return execute(aws, machine, 0.0, let_go)


def _types(history: dict[str, Any]) -> set[str]:
    return {event["type"] for event in history["events"]}


@pytest.fixture(scope="module")
def working(aws: Client, machine: str, refused: Execution) -> Execution:
    """An execution that starts at once, and works for longer than the start of the other one took."""
    (slow,) = refused.found("slow_start")
    return execute(aws, machine, 1 + 3 * slow.evidence["start_s"], lambda arn: None)


def test_a_state_that_was_refused_waited(refused: Execution) -> None:
    (found,) = refused.found("waited_state")
    scheduled = refused.times("TaskScheduled")

    assert found.evidence["attempts"] == len(scheduled) > 1
    took = (scheduled[-1] - scheduled[0]).total_seconds()
    assert found.evidence["waited_s"] == pytest.approx(took, abs=_SLACK_S)
    assert found.where == ["waits", "Clean Data", "Glue"]
    check_said("waited_state", found.title)


def test_a_job_that_does_little_started_slowly(refused: Execution) -> None:
    (found,) = refused.found("slow_start")
    asked, over = refused.times("TaskScheduled")[-1], refused.times("TaskSucceeded")[-1]

    assert found.where == [JOB]
    assert found.evidence["start_s"] > found.evidence["work_s"] >= 0
    both = found.evidence["start_s"] + found.evidence["work_s"]
    check_said("slow_start", found.title)
    assert both <= (over - asked).total_seconds() + _SLACK_S


@pytest.mark.parametrize("kind", KINDS)
def test_of_an_execution_that_works_at_once_nothing_is_said(working: Execution, kind: str) -> None:
    assert [one.title for one in working.found(kind)] == []
