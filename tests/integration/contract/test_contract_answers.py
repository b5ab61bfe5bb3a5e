# SPDX-License-Identifier: Apache-2.0
"""The local cloud answers as AWS's own models say, and its documents are what X-Ray's guide says."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.integration.contract.conftest import SmallRun
from tests.integration.contract.recorder import Recorder
from tests.integration.contract.segments import violations
from trace_viewer import fetch_trace, latest_trace_id

# What ministack adds to AWS's answers; botocore passes over the first two and takes the third for no value.
KNOWN = {
    "glue:GetJob.Job.Tags is not in the model",
    "glue:GetJobs.Jobs[*].Tags is not in the model",
    "lambda:CreateFunction.LastUpdateStatusReasonCode is empty",
}


def documents(run: SmallRun) -> list[dict[str, Any]]:
    return [json.loads(text) for _, text in run.trace.segments]


def test_the_small_run_went_through_every_service(small_run: SmallRun) -> None:
    assert small_run.execution["status"] == "FAILED"
    assert "no such column" in small_run.execution["cause"]
    names = sorted(document["name"] for document in documents(small_run))
    assert names == [
        "Glue",
        "Glue",
        "clean-job",
        "pipeline",
        "process-job",
        "start-pipeline",
        "start-pipeline",
    ]


def test_every_document_of_the_trace_is_one_that_xray_publishes(small_run: SmallRun) -> None:
    found = {d["name"]: violations(d) for d in documents(small_run) if violations(d)}
    assert found == {}


def test_a_failure_is_told_in_the_published_form(small_run: SmallRun) -> None:
    (job,) = [document for document in documents(small_run) if document["name"] == "process-job"]
    assert job["fault"] is True
    failed = [child for child in job["subsegments"] if child.get("fault")]
    assert [child["name"] for child in failed] == ["Write Data"]
    (exception,) = failed[0]["cause"]["exceptions"]
    assert (exception["type"], exception["message"]) == ("ValueError", "no such column")


def test_step_functions_answers_as_modelled(small_run: SmallRun) -> None:
    recorder = small_run.recorder
    sfn = recorder.client("stepfunctions")
    arn = small_run.execution["executionArn"]
    history = sfn.get_execution_history(executionArn=arn, maxResults=1000)["events"]
    assert {"TaskScheduled", "TaskSucceeded", "TaskFailed", "ExecutionFailed"} <= {e["type"] for e in history}
    sfn.describe_state_machine(stateMachineArn=small_run.machine)
    sfn.list_state_machines()
    assert _of(recorder, "stepfunctions") == []


def test_glue_answers_as_modelled(small_run: SmallRun) -> None:
    recorder = small_run.recorder
    glue = recorder.client("glue")
    runs = glue.get_job_runs(JobName="process")["JobRuns"]
    assert [run["JobRunState"] for run in runs] == ["FAILED"]
    glue.get_job_run(JobName="process", RunId=runs[0]["Id"])
    glue.get_job(JobName="clean")
    glue.get_jobs()
    stopped = glue.batch_stop_job_run(JobName="process", JobRunIds=[runs[0]["Id"], "jr_" + "0" * 64])
    assert len(stopped["Errors"]) == 2
    assert _of(recorder, "glue") == []


def test_xray_answers_as_modelled(small_run: SmallRun) -> None:
    recorder = small_run.recorder
    xray = recorder.client("xray")
    now = datetime.now(UTC)
    range_ = {"StartTime": now - timedelta(hours=1), "EndTime": now + timedelta(minutes=1)}
    assert latest_trace_id(client=xray, expression='annotation.dataset = "listings"') == small_run.trace.id
    assert xray.get_trace_summaries(**range_)["TraceSummaries"]
    assert xray.get_service_graph(**range_)["Services"]
    assert xray.get_trace_graph(TraceIds=[small_run.trace.id])["Services"]
    assert xray.get_sampling_rules()["SamplingRuleRecords"]
    xray.batch_get_traces(TraceIds=["1-581cf771-a006649127e371903a2de979"])
    refused = xray.put_trace_segments(TraceSegmentDocuments=["{}", "no json"])
    assert len(refused["UnprocessedTraceSegments"]) == 2
    assert _of(recorder, "xray") == []


def test_transaction_search_answers_as_modelled(small_run: SmallRun) -> None:
    recorder = small_run.recorder
    xray = recorder.client("xray")
    assert xray.update_trace_segment_destination(Destination="CloudWatchLogs")["Status"] == "PENDING"
    try:
        trace = fetch_trace(small_run.trace.id, client=xray)
    finally:
        xray.update_trace_segment_destination(Destination="XRay")
    assert len(trace.segments) == len(small_run.trace.segments)
    used = {"StartTraceRetrieval", "ListRetrievedTraces", "GetTraceSegmentDestination"}
    assert {f"xray:{name}" for name in used} <= recorder.operations
    assert _of(recorder, "xray") == []


def test_the_other_services_answered_as_modelled(small_run: SmallRun) -> None:
    assert {"lambda:CreateFunction", "lambda:Invoke", "s3:PutObject"} <= small_run.recorder.operations
    assert _of(small_run.recorder, "lambda") == []


def _of(recorder: Recorder, service: str) -> list[str]:
    """List the violations of a service, without the known ones."""
    mine = [re.sub(r"\[\d+\]", "[*]", text) for text in recorder.violations if text.startswith(f"{service}:")]
    return [text for text in mine if text not in KNOWN]
