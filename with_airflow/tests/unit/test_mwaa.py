# SPDX-License-Identifier: Apache-2.0
"""What an MWAA environment's processes get, and what is refused before they start."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path
from typing import Any

import pytest

from with_airflow.local.mwaa import Environments, requirements
from with_airflow.local.mwaa.configuration import variables
from with_airflow.local.mwaa.web_server import WebServer

OPTIONS = {"traces.otel_on": "True", "listings.clean_job": "clean", "core.executor": "CeleryExecutor"}
RECORD = {
    "Name": "mine",
    "Arn": "arn:aws:airflow:us-east-1:000000000000:environment/mine",
    "AirflowVersion": "9.9.9",
    "AirflowConfigurationOptions": OPTIONS,
    "LoggingConfiguration": {"TaskLogs": {"Enabled": True, "LogLevel": "INFO"}},
}


def _variables(record: dict[str, Any], tmp_path: Path) -> dict[str, str]:
    credentials = {"AWS_ACCESS_KEY_ID": "ASIA"}
    return variables(
        record,
        home=tmp_path,
        web_server=WebServer(8080),
        endpoint="http://127.0.0.1:9",
        credentials=credentials,
    )


def test_options_become_variables_but_not_those_that_it_takes_to_run(tmp_path: Path) -> None:
    told = _variables(RECORD, tmp_path)
    assert told["AIRFLOW__TRACES__OTEL_ON"] == "True"
    assert told["AIRFLOW__LISTINGS__CLEAN_JOB"] == "clean"
    assert told["AIRFLOW__CORE__EXECUTOR"] == "local_queue.LocalQueueExecutor"
    assert told["AWS_ACCESS_KEY_ID"] == "ASIA"  # every call is the execution role's


def test_task_logs_go_to_the_group_of_the_environment(tmp_path: Path) -> None:
    told = _variables(RECORD, tmp_path)
    assert told["AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER"] == (
        "cloudwatch://arn:aws:logs:us-east-1:000000000000:log-group:airflow-mine-Task"
    )
    quiet = _variables({**RECORD, "LoggingConfiguration": {}}, tmp_path)
    assert "AIRFLOW__LOGGING__REMOTE_LOGGING" not in quiet


def test_requirements_that_are_met_pass() -> None:
    version = importlib.metadata.version("boto3")
    text = f"# a comment\nBoto3=={version} \\\n    --hash=sha256:00\n"
    requirements.check(text, Path(sys.executable))


def test_a_requirement_that_is_not_met_is_named() -> None:
    text = "boto3==0.0.1\nno-such-package==1.0\n"
    with pytest.raises(requirements.RequirementsError) as caught:
        requirements.check(text, Path(sys.executable))
    installed = importlib.metadata.version("boto3")
    assert f"boto3==0.0.1 (installed: {installed})" in str(caught.value)
    assert "no-such-package==1.0 (installed: none)" in str(caught.value)


def test_an_airflow_that_is_not_installed_fails_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCAL_CLOUD_AIRFLOW_HOME", str(tmp_path / "none"))
    environments = Environments(endpoint="http://127.0.0.1:9", directory=tmp_path, network={})
    record: dict[str, Any] = {**RECORD, "Status": "CREATING", "SourceBucketArn": "arn:aws:s3:::b"}
    environments.start(record)
    assert record["Status"] == "CREATE_FAILED"
    message = record["LastUpdate"]["Error"]["ErrorMessage"]
    assert message == f"There is no Airflow 9.9.9 at {tmp_path / 'none'}: run make setup-airflow."
    environments.close()
