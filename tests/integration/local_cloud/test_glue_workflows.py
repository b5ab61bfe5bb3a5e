# SPDX-License-Identifier: Apache-2.0
"""Triggers and workflows that start real jobs; Python shell jobs, which start in no time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from tests.integration.local_cloud.glue_jobs import create_job, ended, messages
from tests.waiting import TERMINAL, Client, wait_until

_OUTPUT, _ERROR = "/aws-glue/python-jobs/output", "/aws-glue/python-jobs/error"
_FIRST = """\
import sys, boto3
from awsglue.utils import getResolvedOptions
args = getResolvedOptions(sys.argv, ["WORKFLOW_NAME", "WORKFLOW_RUN_ID", "day"])
where = {"Name": args["WORKFLOW_NAME"], "RunId": args["WORKFLOW_RUN_ID"]}
glue = boto3.client("glue")
properties = glue.get_workflow_run_properties(**where)["RunProperties"]
print(args["day"], properties["stage"])
glue.put_workflow_run_properties(**where, RunProperties={"rows": "7"})
"""
_FAILING = "raise ValueError('no such day')\n"
_PLAIN = "print('ran')\n"


def _conditional(name: str, *conditions: tuple[str, str], then: str, logical: str = "AND") -> dict[str, Any]:
    return {
        "Name": name,
        "Type": "CONDITIONAL",
        "StartOnCreation": True,
        "Predicate": {
            "Logical": logical,
            "Conditions": [
                {"LogicalOperator": "EQUALS", "JobName": job, "State": state} for job, state in conditions
            ],
        },
        "Actions": [{"JobName": then}],
    }


@pytest.fixture(scope="module")
def finished(aws: Client, bucket: str) -> dict[str, Any]:
    """The run of a workflow: first, then second and failing, then what waits for any or for both of them."""
    glue = aws("glue")
    for name, script in (("first", _FIRST), ("failing", _FAILING)):
        create_job(aws, bucket, name, script, "pythonshell")
    for name in ("second", "on-any", "on-both", "never"):
        create_job(aws, bucket, name, _PLAIN, "pythonshell")
    glue.create_workflow(Name="nightly", DefaultRunProperties={"stage": "test", "rows": "0"})
    triggers = [
        {
            "Name": "begin",
            "Type": "ON_DEMAND",
            "Actions": [{"JobName": "first", "Arguments": {"--day": "7"}}],
        },
        {
            **_conditional("then", ("first", "SUCCEEDED"), then="second"),
            "Actions": [{"JobName": "second"}, {"JobName": "failing"}],
        },
        _conditional("any", ("second", "FAILED"), ("failing", "FAILED"), then="on-any", logical="ANY"),
        _conditional("both", ("second", "SUCCEEDED"), ("failing", "FAILED"), then="on-both"),
        _conditional("wrong", ("second", "SUCCEEDED"), ("failing", "SUCCEEDED"), then="never"),
    ]
    for trigger in triggers:
        glue.create_trigger(WorkflowName="nightly", **trigger)
    run_id = glue.start_workflow_run(Name="nightly")["RunId"]
    return _ended(aws, "nightly", run_id)


def _ended(aws: Client, name: str, run_id: str) -> dict[str, Any]:
    def over() -> dict[str, Any] | None:
        run: dict[str, Any] = aws("glue").get_workflow_run(Name=name, RunId=run_id, IncludeGraph=True)["Run"]
        return run if run["Status"] in ("COMPLETED", "STOPPED", "ERROR") else None

    run: dict[str, Any] = wait_until(over)
    return run


def _runs(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Job runs of a workflow run by job."""
    jobs = [node for node in run["Graph"]["Nodes"] if node["Type"] == "JOB"]
    return {node["Name"]: node["JobDetails"]["JobRuns"] for node in jobs}


def test_each_trigger_fires_once_when_its_conditions_are_met(finished: dict[str, Any]) -> None:
    states = {name: [run["JobRunState"] for run in runs] for name, runs in _runs(finished).items()}
    assert states == {
        "first": ["SUCCEEDED"],
        "second": ["SUCCEEDED"],
        "failing": ["FAILED"],
        "on-any": ["SUCCEEDED"],
        "on-both": ["SUCCEEDED"],
        "never": [],
    }


def test_the_run_is_completed_and_counts_what_failed(finished: dict[str, Any]) -> None:
    assert finished["Status"] == "COMPLETED"
    counts = {name: count for name, count in finished["Statistics"].items() if count}
    assert counts == {"TotalActions": 5, "SucceededActions": 4, "FailedActions": 1}


def test_a_job_finds_its_workflow_run_and_changes_its_properties(
    aws: Client, finished: dict[str, Any]
) -> None:
    first = _runs(finished)["first"][0]
    assert messages(aws, _OUTPUT, first["Id"]) == ["7 test"]
    assert finished["WorkflowRunProperties"] == {"stage": "test", "rows": "7"}
    assert first["TriggerName"] == "begin"
    assert first["Arguments"]["--WORKFLOW_RUN_ID"] == finished["WorkflowRunId"]


def test_a_run_names_the_runs_before_it(finished: dict[str, Any]) -> None:
    runs = _runs(finished)
    before = {(run["JobName"], run["RunId"]) for run in runs["on-both"][0]["PredecessorRuns"]}
    assert before == {(name, runs[name][0]["Id"]) for name in ("second", "failing")}


def test_a_python_shell_job_says_what_it_raised(aws: Client, finished: dict[str, Any]) -> None:
    run = _runs(finished)["failing"][0]
    wanted = "Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 1; ValueError: no such day"
    assert run["ErrorMessage"] == wanted
    assert messages(aws, _ERROR, run["Id"])[-1] == "ValueError: no such day"


def test_a_run_that_is_stopped_stops_its_jobs(aws: Client, bucket: str) -> None:
    glue = aws("glue")
    create_job(
        aws, bucket, "endless", "import time\nprint('on', flush=True)\ntime.sleep(600)\n", "pythonshell"
    )
    glue.create_workflow(Name="stopping", MaxConcurrentRuns=1)
    glue.create_trigger(
        Name="go", WorkflowName="stopping", Type="ON_DEMAND", Actions=[{"JobName": "endless"}]
    )
    run_id = glue.start_workflow_run(Name="stopping")["RunId"]
    with pytest.raises(ClientError, match="ConcurrentRunsExceededException"):
        glue.start_workflow_run(Name="stopping")
    glue.stop_workflow_run(Name="stopping", RunId=run_id)
    stopped = _ended(aws, "stopping", run_id)
    assert stopped["Status"] == "STOPPED"
    assert [run["JobRunState"] for run in _runs(stopped)["endless"]] == ["STOPPED"]


def test_triggers_without_a_workflow_watch_what_triggers_started(aws: Client, bucket: str) -> None:
    glue = aws("glue")
    for name in ("alone", "after-alone"):
        create_job(aws, bucket, name, _PLAIN, "pythonshell")
    glue.create_trigger(Name="alone-now", Type="ON_DEMAND", Actions=[{"JobName": "alone"}])
    glue.create_trigger(**_conditional("alone-then", ("alone", "SUCCEEDED"), then="after-alone"))
    by_hand = glue.start_job_run(JobName="alone")["JobRunId"]
    assert ended(aws, "alone", by_hand)["JobRunState"] == "SUCCEEDED"
    glue.start_trigger(Name="alone-now")

    def last() -> list[dict[str, Any]]:
        runs: list[dict[str, Any]] = glue.get_job_runs(JobName="after-alone")["JobRuns"]
        return runs if runs and runs[0]["JobRunState"] in TERMINAL else []

    runs = wait_until(last)
    assert [run["TriggerName"] for run in runs] == ["alone-then"]  # one: the run by hand started none
    assert glue.get_trigger(Name="alone-now")["Trigger"]["State"] == "CREATED"


def test_a_workflow_waits_for_its_crawler(aws: Client, bucket: str) -> None:
    glue = aws("glue")
    aws("s3").put_object(Bucket=bucket, Key="crawled/a.csv", Body="a,b\n1,2\n")
    glue.create_database(DatabaseInput={"Name": "crawled"})
    targets = {"S3Targets": [{"Path": f"s3://{bucket}/crawled/"}]}
    glue.create_crawler(Name="looking", Role="r", DatabaseName="crawled", Targets=targets)
    create_job(aws, bucket, "after-crawl", _PLAIN, "pythonshell")
    glue.create_workflow(Name="crawling")
    glue.create_trigger(
        Name="crawl", WorkflowName="crawling", Type="ON_DEMAND", Actions=[{"CrawlerName": "looking"}]
    )
    condition = {"LogicalOperator": "EQUALS", "CrawlerName": "looking", "CrawlState": "SUCCEEDED"}
    glue.create_trigger(
        Name="crawled",
        WorkflowName="crawling",
        Type="CONDITIONAL",
        StartOnCreation=True,
        Predicate={"Conditions": [condition]},
        Actions=[{"JobName": "after-crawl"}],
    )
    run = _ended(aws, "crawling", glue.start_workflow_run(Name="crawling")["RunId"])
    assert [job["JobRunState"] for job in _runs(run)["after-crawl"]] == ["SUCCEEDED"]


@pytest.mark.parametrize(
    ("trigger", "sentence"),
    [
        ({"Type": "EVENT"}, "the local cloud has no triggers of type EVENT"),
        ({"Type": "SCHEDULED", "Schedule": "every day"}, "Schedule 'every day' is no cron expression"),
    ],
)
def test_a_trigger_that_cannot_work_is_refused(aws: Client, trigger: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ClientError, match=sentence):
        aws("glue").create_trigger(Name="wrong-one", Actions=[{"JobName": "first"}], **trigger)


def test_a_workflow_without_a_beginning_does_not_start(aws: Client) -> None:
    aws("glue").create_workflow(Name="empty")
    with pytest.raises(ClientError, match="Workflow empty has no trigger that starts it"):
        aws("glue").start_workflow_run(Name="empty")


@pytest.mark.parametrize(
    ("operation", "call"),
    [
        (
            "GetWorkflowRun",
            lambda glue, run: glue.get_workflow_run(Name="nightly", RunId=run, IncludeGraph=True),
        ),
        ("GetWorkflowRuns", lambda glue, run: glue.get_workflow_runs(Name="nightly")),
        ("GetWorkflow", lambda glue, run: glue.get_workflow(Name="nightly", IncludeGraph=True)),
        ("BatchGetWorkflows", lambda glue, run: glue.batch_get_workflows(Names=["nightly", "none"])),
        ("ListWorkflows", lambda glue, run: glue.list_workflows()),
    ],
)
def test_answers_have_the_shape_that_the_sdk_knows(
    aws: Client, finished: dict[str, Any], operation: str, call: Callable[[Any, str], dict[str, Any]]
) -> None:
    answer = call(aws("glue"), finished["WorkflowRunId"])
    answer.pop("ResponseMetadata")
    model = ServiceModel(Loader().load_service_model("glue", "service-2"), "glue")
    report = ParamValidator().validate(answer, model.operation_model(operation).output_shape)
    assert not report.has_errors(), report.generate_report()
