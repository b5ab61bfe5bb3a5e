# SPDX-License-Identifier: Apache-2.0
"""Whatever starts a job without a trace header: one trace per run, and no more. By Python shell jobs.

The states have the fields of docs/start-a-job.md, word for word.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from stacks.packages import glue_library_zip
from tests.integration.local_cloud.glue_jobs import create_job, ended
from tests.waiting import TERMINAL, Client, wait_until

_PAGE = Path(__file__).resolve().parents[3] / "docs" / "start-a-job.md"
_JSONATA, _JSONPATH, _HEADER_STATES = (
    json.loads(block) for block in re.findall(r"```json\n(.*?)```", _PAGE.read_text(), re.DOTALL)
)
_SCRIPT = """\
from xray_helper import step, traced_job
with traced_job(), step("Work"):
    pass
"""
_ROLE = "arn:aws:iam::000000000000:role/r"
_SCHEDULE_S = 90.0  # a minute until it is due, and the run
Segments = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def make_job(aws: Client, bucket: str) -> Any:
    """Make jobs that have the library, and ask for a trace of their own."""
    aws("s3").upload_file(str(glue_library_zip()), bucket, "code/library.zip")
    arguments = {"--extra-py-files": f"s3://{bucket}/code/library.zip", "--traces": "on"}

    def make(*names: str) -> None:
        for name in names:
            create_job(aws, bucket, name, _SCRIPT, "pythonshell", DefaultArguments=arguments)

    return make


@pytest.fixture(scope="module", autouse=True)
def scheduled(aws: Client, make_job: Any) -> str:
    """Start a job each minute: the last test waits for it, the others run meanwhile."""
    make_job("scheduled")
    aws("glue").create_trigger(
        Name="each-minute",
        Type="SCHEDULED",
        Schedule="cron(* * * * ? *)",
        StartOnCreation=True,
        Actions=[{"JobName": "scheduled"}],
    )
    return "scheduled"


def _traces(aws: Client, *names: str) -> dict[str, Segments]:
    """Find all traces that have a segment of one of these names: trace -> name -> documents."""
    xray, now = aws("xray"), time.time()
    pages = xray.get_paginator("get_trace_summaries").paginate(StartTime=now - 600, EndTime=now + 60)
    found: dict[str, Segments] = {}
    for trace_id in [summary["Id"] for page in pages for summary in page["TraceSummaries"]]:
        (trace,) = xray.batch_get_traces(TraceIds=[trace_id])["Traces"]
        segments: Segments = {}
        for segment in trace["Segments"]:
            document = json.loads(segment["Document"])
            segments.setdefault(document["name"], []).append(document)
        if segments.keys() & set(names):
            found[trace_id] = segments
    return found


def _check_one_trace(traces: dict[str, Segments], *, above: str, jobs: set[str], start: float) -> str:
    """Check that the jobs are in one trace, below one segment that begins with their run."""
    ((trace_id, segments),) = traces.items()
    assert {name: len(documents) for name, documents in segments.items()} == dict.fromkeys({above, *jobs}, 1)
    (root,) = segments[above]
    assert root["start_time"] == pytest.approx(start, abs=0.001)
    assert {segments[name][0]["parent_id"] for name in jobs} == {root["id"]}
    assert int(trace_id[2:10], 16) == int(start)
    return trace_id


def test_a_run_by_hand_is_one_trace(aws: Client, make_job: Any) -> None:
    make_job("by-hand")
    run = ended(aws, "by-hand", aws("glue").start_job_run(JobName="by-hand")["JobRunId"])
    assert run["JobRunState"] == "SUCCEEDED", run
    ((_, segments),) = _traces(aws, "by-hand").items()
    assert list(segments) == ["by-hand"]
    assert [step["name"] for step in segments["by-hand"][0]["subsegments"]] == ["Work"]


def test_a_run_of_a_workflow_is_one_trace(aws: Client, make_job: Any) -> None:
    glue = aws("glue")
    make_job("wf-clean", "wf-process", "wf-report")
    glue.create_workflow(Name="wf")
    glue.create_trigger(
        Name="wf-begin", WorkflowName="wf", Type="ON_DEMAND", Actions=[{"JobName": "wf-clean"}]
    )
    condition = {"LogicalOperator": "EQUALS", "JobName": "wf-clean", "State": "SUCCEEDED"}
    glue.create_trigger(
        Name="wf-then",
        WorkflowName="wf",
        Type="CONDITIONAL",
        StartOnCreation=True,
        Predicate={"Conditions": [condition]},
        Actions=[{"JobName": "wf-process"}, {"JobName": "wf-report"}],  # at once
    )
    run_id = glue.start_workflow_run(Name="wf")["RunId"]

    def over() -> Any:
        found = glue.get_workflow_run(Name="wf", RunId=run_id)["Run"]
        return found if found["Status"] == "COMPLETED" else None

    run = wait_until(over)
    assert run["Statistics"]["SucceededActions"] == 3, run
    jobs = {"wf-clean", "wf-process", "wf-report"}
    trace_id = _check_one_trace(
        _traces(aws, "wf", *jobs), above="wf", jobs=jobs, start=run["StartedOn"].timestamp()
    )
    assert trace_id.endswith(hashlib.sha256(run_id.encode()).hexdigest()[:24])


def _machine(aws: Client, name: str, definition: dict[str, Any]) -> str:
    arn: str = aws("stepfunctions").create_state_machine(
        name=name, roleArn=_ROLE, definition=json.dumps(definition)
    )["stateMachineArn"]
    return arn


def _two_jobs(language: str, name: str, *, choice: bool = False) -> dict[str, Any]:
    """Define a state machine as a reader of the page would: two jobs, and its fields."""
    fields: dict[str, str] = _JSONATA if language == "JSONata" else _JSONPATH
    if choice:
        fields = {**fields, "--trace_header.$": "$.trace_header"}
    member = "Arguments" if language == "JSONata" else "Parameters"
    kept = {} if language == "JSONata" else {"ResultPath": "$.result"}
    states: dict[str, Any] = {
        state: {
            "Type": "Task",
            "Resource": "arn:aws:states:::glue:startJobRun.sync",
            member: {"JobName": f"{name}-{state}", "Arguments": fields},
            **kept,
            **({"Next": "process"} if state == "clean" else {"End": True}),
        }
        for state in ("clean", "process")
    }
    if choice:
        states |= json.loads(json.dumps(_HEADER_STATES).replace("FIRST", "clean"))
    first = "Has Header" if choice else "clean"
    return {"QueryLanguage": language, "StartAt": first, "States": states}


def _executed(aws: Client, arn: str) -> dict[str, Any]:
    def over() -> Any:
        found = aws("stepfunctions").describe_execution(executionArn=arn)
        return found if found["status"] != "RUNNING" else None

    execution: dict[str, Any] = wait_until(over)
    assert execution["status"] == "SUCCEEDED", execution
    return execution


@pytest.mark.parametrize(
    ("language", "choice"), [("JSONata", False), ("JSONPath", False), ("JSONPath", True)]
)
def test_an_execution_without_a_header_is_one_trace(
    aws: Client, make_job: Any, language: str, choice: bool
) -> None:
    name = f"{language}{'-choice' if choice else ''}"
    jobs = {f"{name}-clean", f"{name}-process"}
    make_job(*jobs)
    arn = _machine(aws, name, _two_jobs(language, name, choice=choice))
    started = aws("stepfunctions").start_execution(stateMachineArn=arn, input='{"day": 1}')
    execution = _executed(aws, started["executionArn"])
    _check_one_trace(
        _traces(aws, name, *jobs), above=name, jobs=jobs, start=execution["startDate"].timestamp()
    )


@pytest.mark.parametrize(("language", "choice"), [("JSONata", False), ("JSONPath", True)])
def test_an_execution_with_a_header_is_in_that_trace(
    aws: Client, make_job: Any, language: str, choice: bool
) -> None:
    name = f"{language}-given"
    jobs = {f"{name}-clean", f"{name}-process"}
    make_job(*jobs)
    arn = _machine(aws, name, _two_jobs(language, name, choice=choice))
    trace_id = f"1-{int(time.time()):08x}-{hashlib.sha256(name.encode()).hexdigest()[:24]}"
    given = json.dumps({"trace_header": f"Root={trace_id};Sampled=1"})
    _executed(aws, aws("stepfunctions").start_execution(stateMachineArn=arn, input=given)["executionArn"])
    assert {one: set(segments) for one, segments in _traces(aws, name, *jobs).items()} == {trace_id: jobs}


def test_a_rule_that_starts_a_state_machine_is_one_trace(aws: Client, make_job: Any) -> None:
    jobs = {"ruled-clean", "ruled-process"}
    make_job(*jobs)
    arn = _machine(aws, "ruled", _two_jobs("JSONPath", "ruled"))
    events = aws("events")
    events.put_rule(Name="on-order", EventPattern='{"source": ["shop"]}')
    events.put_targets(Rule="on-order", Targets=[{"Id": "run", "Arn": arn, "RoleArn": _ROLE}])
    events.put_events(Entries=[{"Source": "shop", "DetailType": "order", "Detail": "{}"}])

    def one() -> Any:
        return aws("stepfunctions").list_executions(stateMachineArn=arn)["executions"]

    execution = _executed(aws, wait_until(one)[0]["executionArn"])
    _check_one_trace(
        _traces(aws, "ruled", *jobs), above="ruled", jobs=jobs, start=execution["startDate"].timestamp()
    )


def test_each_scheduled_run_is_one_trace(aws: Client, scheduled: str) -> None:
    def runs() -> Any:
        known = aws("glue").get_job_runs(JobName=scheduled)["JobRuns"]
        return [run for run in known if run["JobRunState"] in TERMINAL]

    over = wait_until(runs, seconds=_SCHEDULE_S)
    aws("glue").delete_trigger(Name="each-minute")
    assert {run["JobRunState"] for run in over} == {"SUCCEEDED"}
    traces = _traces(aws, scheduled).values()
    assert len(traces) >= len(over)  # another one may have ended since
    assert all(list(segments) == [scheduled] for segments in traces)
