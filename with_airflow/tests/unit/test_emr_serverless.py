# SPDX-License-Identifier: Apache-2.0
"""States of EMR Serverless applications and job runs, with a plain Python in place of Spark."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from local_cloud.emulator import ApiError, service
from local_cloud.services.spark import built
from local_cloud.services.spark.runtime import SparkRuntime
from with_airflow.local.emr_serverless import resource_of_path
from with_airflow.local.emr_serverless.applications import Applications
from with_airflow.local.emr_serverless.job_run import JobRun
from with_airflow.local.emr_serverless.job_runs import JobRuns
from with_airflow.local.emr_serverless.submission import submission

_SECONDS = 30.0  # until a run must have ended
ROLE = "arn:aws:iam::000000000000:role/report"
CALLER = "arn:aws:iam::000000000000:root"


class PythonRuntime(SparkRuntime):
    """Runs scripts without Spark, and tells what it was told."""

    def command(
        self, *, script: Path, arguments: list[str], settings: Any, modules: list[Path], **rest: Any
    ) -> list[str]:
        told = {"settings": dict(settings), "modules": [module.name for module in modules]}
        return [sys.executable, str(script), json.dumps(told), *arguments]


class Objects:
    """An S3 client with the objects of a test."""

    content: dict[str, str]

    def __init__(self) -> None:
        self.content = {"lib.zip": "zip"}

    def download_file(self, bucket: str, key: str, path: str) -> None:
        Path(path).write_text(self.content[key])


@pytest.fixture
def objects(monkeypatch: pytest.MonkeyPatch) -> Objects:
    made = Objects()
    monkeypatch.setattr(boto3, "client", lambda *_, **__: made)
    return made


@pytest.fixture
def runs(tmp_path: Path, objects: Objects, monkeypatch: pytest.MonkeyPatch) -> Iterator[JobRuns]:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of-the-cloud")
    monkeypatch.setattr(built, "build_file_system", lambda *_, **__: None)
    monkeypatch.setattr(PythonRuntime, "spark_home", tmp_path)
    runtime = PythonRuntime(
        home=Path(sys.prefix), java_home=tmp_path, endpoint="http://127.0.0.1:9", network={}
    )
    created = JobRuns(applications=Applications(), runtime=runtime, directory=tmp_path / "emr")
    yield created
    created.close()
    assert list((tmp_path / "emr").glob("*")) == []  # a run takes its files with it


@pytest.fixture
def application(runs: JobRuns) -> dict[str, Any]:
    logs = {"cloudWatchLoggingConfiguration": {"enabled": True, "logGroupName": "/emr"}}
    request = {"type": "SPARK", "releaseLabel": "emr-7.11.0", "monitoringConfiguration": logs}
    return runs.applications.create(request)


def _request(objects: Objects, script: str, client: str = "t", **members: Any) -> dict[str, Any]:
    objects.content["job.py"] = textwrap.dedent(script)
    told = {"entryPoint": "s3://b/job.py", "entryPointArguments": ["--day", "7"]}
    return {
        "clientToken": client,
        "executionRoleArn": ROLE,
        "jobDriver": {"sparkSubmit": {**told, **members.pop("spark", {})}},
        **members,
    }


def _end(run: JobRun) -> JobRun:
    assert run.ended.wait(_SECONDS)
    return run


def _log(group: str, stream: str) -> list[str]:
    return [
        event["message"]
        for event in service("cloudwatch_logs")._log_groups[group]["streams"][stream]["events"]
    ]


def test_a_run_that_ends_well(runs: JobRuns, objects: Objects, application: dict[str, Any]) -> None:
    identifier = application["applicationId"]
    script = "import sys; print(sys.argv[2:]); print('oh', file=sys.stderr)"
    run = _end(runs.start(identifier, _request(objects, script, name="report 7"), caller=CALLER))
    assert (run.state, run.record["name"]) == ("SUCCESS", "report 7")
    assert runs.applications.get(identifier)["state"] == "STARTED"  # by itself
    place = f"applications/{identifier}/jobs/{run.id}/SPARK_DRIVER"
    assert _log("/emr", f"{place}/stdout") == ["['--day', '7']"]
    assert _log("/emr", f"{place}/stderr") == ["oh"]


def test_a_run_that_fails_says_why(runs: JobRuns, objects: Objects, application: dict[str, Any]) -> None:
    run = _end(
        runs.start(
            application["applicationId"], _request(objects, "raise ValueError('no rows')"), caller=CALLER
        )
    )
    assert run.state == "FAILED"
    assert run.record["stateDetails"].endswith("ExitCode: 1. Last few exceptions: ValueError: no rows")


def test_a_run_that_is_cancelled(runs: JobRuns, objects: Objects, application: dict[str, Any]) -> None:
    run = runs.start(
        application["applicationId"], _request(objects, "import time; time.sleep(60)"), caller=CALLER
    )
    runs.cancel(run)
    assert _end(run).state == "CANCELLED"
    runs.cancel(run)
    assert run.state == "CANCELLED"  # what has ended stays as it is


def test_the_same_token_is_the_same_run(runs: JobRuns, objects: Objects, application: dict[str, Any]) -> None:
    identifier = application["applicationId"]
    request = _request(objects, "pass")
    first = _end(runs.start(identifier, request, caller=CALLER))
    assert runs.start(identifier, request, caller=CALLER) is first
    second = _end(runs.start(identifier, _request(objects, "pass", client="u"), caller=CALLER))
    assert runs.of_application(identifier) == [second, first]


def test_a_started_application_cannot_be_deleted(runs: JobRuns, application: dict[str, Any]) -> None:
    identifier = application["applicationId"]
    runs.applications.enter(identifier, "STARTED")
    with pytest.raises(ApiError, match=r"\[CREATED, STOPPED\]. Current status: STARTED"):
        runs.applications.delete(identifier)
    runs.applications.enter(identifier, "STOPPED")
    runs.applications.delete(identifier)
    with pytest.raises(ApiError) as caught:
        runs.applications.get(identifier)
    assert caught.value.code == "ResourceNotFoundException"


def test_settings_of_the_run_replace_those_of_the_application() -> None:
    def defaults(**properties: str) -> list[dict[str, Any]]:
        return [{"classification": "spark-defaults", "properties": properties}]

    request = {
        "executionRoleArn": ROLE,
        "configurationOverrides": {"applicationConfiguration": defaults(a="run", b="run")},
        "jobDriver": {
            "sparkSubmit": {
                "entryPoint": "s3://b/job.py",
                "sparkSubmitParameters": "--conf b=told --py-files s3://b/lib.zip,s3://b/more.zip "
                "--conf spark.emr-serverless.driverEnv.DAY=7",
            }
        },
    }
    application = {"runtimeConfiguration": defaults(a="application", c="application")}
    told = submission(request, application, run_id="r", name="n")
    assert told.settings == {"a": "run", "b": "told", "c": "application"}
    assert told.modules == ["s3://b/lib.zip", "s3://b/more.zip"]
    assert told.variables == {"DAY": "7"}


@pytest.mark.parametrize("parameters", ["--jars s3://b/x.jar", "--whatever"])
def test_an_option_that_nothing_here_can_do_is_refused(parameters: str) -> None:
    driver = {"sparkSubmit": {"entryPoint": "s3://b/job.py", "sparkSubmitParameters": parameters}}
    with pytest.raises(ApiError, match=parameters.split()[0]):
        submission({"executionRoleArn": ROLE, "jobDriver": driver}, {}, run_id="r", name="n")


@pytest.mark.parametrize(
    ("path", "resource"),
    [
        ("/applications/a1", "/applications/a1"),
        ("/applications/a1/jobruns", "/applications/a1"),
        ("/applications/a1/jobruns/r1", "/applications/a1/jobruns/r1"),
    ],
)
def test_the_resource_that_a_call_needs_a_right_on(path: str, resource: str) -> None:
    assert resource_of_path(path) == resource
