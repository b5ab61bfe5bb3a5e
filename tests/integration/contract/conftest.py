# SPDX-License-Identifier: Apache-2.0
"""One local cloud with the pipeline in small: real function, real state machine, two jobs of a few lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local_cloud import LocalCloud
from stacks.packages import glue_library_zip, start_pipeline_zip
from tests.integration.contract.recorder import Recorder
from tests.waiting import wait_until
from trace_viewer import fetch_trace
from trace_viewer.model.trace import Trace

ROOT = Path(__file__).parents[3]
ASL = (ROOT / "state_machine" / "pipeline.asl.json").read_text(encoding="utf-8")
_ROLE = "arn:aws:iam::000000000000:role/any"
_JOB = """\
from xray_helper import step, traced_job
with traced_job() as job:
    job.annotate(dataset="listings", rows_read=3, share=0.5, complete=True, none=None)
    job.set_attribute("columns", ["id", "name"])
    with step("Read Data"):
        pass
    with step("Write Data"):
        {last_line}
"""
_ENDED = {"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"}


@dataclass(frozen=True)
class SmallRun:
    """A finished execution: the first job succeeded, the second failed."""

    recorder: Recorder
    machine: str
    execution: dict[str, Any]
    trace: Trace


@pytest.fixture(scope="session")
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(wait_scale=0.1) as running:
        yield running


@pytest.fixture(scope="session")
def recorder(cloud: LocalCloud) -> Recorder:
    return Recorder(endpoint=cloud.endpoint, credentials=cloud.credentials)


@pytest.fixture(scope="session")
def small_run(recorder: Recorder) -> SmallRun:
    _create_jobs(recorder)
    sfn = recorder.client("stepfunctions")
    definition = ASL.replace("${CleanJobName}", "clean").replace("${ProcessJobName}", "process")
    machine = sfn.create_state_machine(
        name="pipeline", roleArn=_ROLE, definition=definition, tracingConfiguration={"enabled": True}
    )["stateMachineArn"]
    _invoke_function(recorder, machine)

    def ended() -> dict[str, Any] | None:
        running = sfn.list_executions(stateMachineArn=machine)["executions"]
        described = [sfn.describe_execution(executionArn=item["executionArn"]) for item in running]
        return next((found for found in described if found["status"] in _ENDED), None)

    execution = wait_until(ended, seconds=120)
    trace_id = json.loads(execution["input"])["trace_header"].split(";")[0].removeprefix("Root=")
    xray = recorder.client("xray")

    def complete() -> Trace | None:
        trace = fetch_trace(trace_id, client=xray)
        return None if any('"in_progress"' in text for _, text in trace.segments) else trace

    return SmallRun(recorder, machine, execution, wait_until(complete))


def _create_jobs(recorder: Recorder) -> None:
    s3, glue = recorder.client("s3"), recorder.client("glue")
    s3.create_bucket(Bucket="code")
    s3.upload_file(str(glue_library_zip()), "code", "library.zip")
    for name, last_line in {"clean": "pass", "process": "raise ValueError('no such column')"}.items():
        s3.put_object(Bucket="code", Key=f"{name}.py", Body=_JOB.format(last_line=last_line))
        glue.create_job(
            Name=name,
            Role="any",
            Command={"Name": "glueetl", "PythonVersion": "3", "ScriptLocation": f"s3://code/{name}.py"},
            GlueVersion="5.1",
            DefaultArguments={"--extra-py-files": "s3://code/library.zip", "--job_name": f"{name}-job"},
        )


def _invoke_function(recorder: Recorder, machine: str) -> None:
    function = recorder.client("lambda")
    function.create_function(
        FunctionName="start-pipeline",
        Runtime="python3.13",
        Handler="start_pipeline.handler.handler",
        Role=_ROLE,
        Code={"ZipFile": start_pipeline_zip().read_bytes()},
        TracingConfig={"Mode": "Active"},
        Timeout=30,
        Environment={"Variables": {"STATE_MACHINE_ARN": machine, "TRACE_SAMPLING_RATE": "1.0"}},
    )
    event = (ROOT / "tests" / "events" / "s3_put.json").read_bytes()
    answer = function.invoke(FunctionName="start-pipeline", Payload=event)
    assert "FunctionError" not in answer, answer["Payload"].read()
