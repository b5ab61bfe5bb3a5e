# SPDX-License-Identifier: Apache-2.0
"""The handler against moto's Step Functions, and in a process of its own, as Lambda loads it."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from start_pipeline.handler import PipelineNotStartedError, handler

from .conftest import Context

Event = Callable[[str], dict[str, Any]]
LAMBDA = Path(__file__).parents[3] / "lambda"
OWN = {"data_layout", "start_pipeline", "xray_common"}  # the folders that go into the asset


def run(code: str) -> subprocess.CompletedProcess[str]:
    """Run Python as Lambda starts it: the asset is the working directory."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=LAMBDA, capture_output=True, text=True, check=True)


@pytest.fixture
def state_machine(lambda_environment: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("stepfunctions")
        machine = client.create_state_machine(
            name="pipeline",
            definition='{"StartAt": "S", "States": {"S": {"Type": "Succeed"}}}',
            roleArn="arn:aws:iam::123456789012:role/states",
        )
        monkeypatch.setenv("STATE_MACHINE_ARN", machine["stateMachineArn"])
        yield client, machine["stateMachineArn"]


@pytest.mark.parametrize(
    "name", ["s3_put", "s3_put_unversioned", "s3_multipart", "s3_copy", "s3_encoded_keys", "s3_many_records"]
)
def test_every_event_is_accepted_once(state_machine: Any, event: Event, context: Context, name: str) -> None:
    client, arn = state_machine

    first = handler(event(name), context)
    second = handler(event(name), context)

    listed = client.list_executions(stateMachineArn=arn)["executions"]
    assert sorted(item["name"] for item in listed) == sorted(first["started"])
    assert second == {"started": [], "duplicate": first["started"]}


def test_the_input_is_stored_as_json(state_machine: Any, event: Event, context: Context) -> None:
    client, arn = state_machine

    (name,) = handler(event("s3_put"), context)["started"]

    (listed,) = client.list_executions(stateMachineArn=arn)["executions"]
    stored = json.loads(client.describe_execution(executionArn=listed["executionArn"])["input"])
    assert list(stored) == [
        "bucket", "key", "version_id", "dataset", "trace_header", "run_date",
        "input_uri", "clean_uri", "processed_uri", "rejected_uri",
    ]  # fmt: skip
    assert stored["clean_uri"].endswith(f"/run_id={name}/")


def test_a_state_machine_that_is_gone_raises(
    state_machine: Any, event: Event, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATE_MACHINE_ARN", "arn:aws:states:us-east-1:123456789012:stateMachine:gone")

    with pytest.raises(PipelineNotStartedError, match="StateMachineDoesNotExist"):
        handler(event("s3_put"), context)


def test_importing_the_handler_is_cheap() -> None:
    # boto3 and the X-Ray SDK would double what a cold start loads; no client exists before there is an event.
    code = (
        "import sys; from start_pipeline import handler, step_functions;"
        "print([m for m in ('boto3', 'aws_xray_sdk', 'requests') if m in sys.modules],"
        " step_functions.client.cache_info().currsize)"
    )

    found = run(code)

    assert found.stdout == "[] 0\n"


def test_log_lines_go_to_standard_output_once() -> None:
    code = (
        "import logging; logging.basicConfig();"  # as Lambda's own handler on the root logger
        "from start_pipeline.json_log import log; from xray_common.json_lines import fields;"
        "log.info('Started.', extra=fields(run_id='r'))"
    )

    found = run(code)

    (line,) = found.stdout.splitlines()
    assert json.loads(line)["run_id"] == "r"
    assert found.stderr == ""


def test_the_asset_needs_nothing_that_lambda_does_not_have() -> None:
    """The runtime has botocore; the asset brings aws-xray-sdk, and only the tracing module asks for it."""
    wanted: dict[str, set[str]] = {}
    for source in sorted((LAMBDA / "start_pipeline").glob("*.py")):
        for node in ast.walk(ast.parse(source.read_text())):
            found = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            found += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for top in {name.split(".")[0] for name in found} - sys.stdlib_module_names - OWN:
                wanted.setdefault(top, set()).add(source.name)

    assert wanted == {
        "botocore": {"correlation.py", "step_functions.py", "xray.py"},
        "aws_xray_sdk": {"tracing.py"},
    }
