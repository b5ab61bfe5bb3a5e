# SPDX-License-Identifier: Apache-2.0
"""``make destroy`` finds the Airflow stack, whatever context it is given."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from stacks import deployed
from stacks.deployed import main

ROOT = Path(__file__).parents[3]


class CloudFormation:
    """Knows some stacks, and words its refusal as AWS does."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def describe_stacks(self, StackName: str) -> None:  # noqa: N803 - the API's name
        if StackName not in self.names:
            message = f"Stack with id {StackName} does not exist"
            raise ClientError({"Error": {"Code": "ValidationError", "Message": message}}, "DescribeStacks")


@pytest.mark.parametrize(
    ("standing", "context", "printed"),
    [
        ("OtelSolutionStack", [], ""),
        ("AirflowStack", [], "-c airflow=mwaa\n"),
        ("AirflowStack", ["-c", "stack_name=Second"], ""),
        ("SecondAirflow", ["-c", "stack_name=Second", "-c", "network=nat"], "-c airflow=mwaa\n"),
    ],
)
def test_the_airflow_stack_is_destroyed_with_the_main_one(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    standing: str,
    context: list[str],
    printed: str,
) -> None:
    monkeypatch.setattr(boto3, "client", lambda name: CloudFormation(standing))
    assert main(context) == 0
    assert capsys.readouterr().out == printed


def test_a_copy_that_cdk_json_names_is_looked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    cdk_json = tmp_path / "cdk.json"
    cdk_json.write_text('{"context": {"stack_name": "Second"}}')
    monkeypatch.setattr(deployed, "CDK_JSON", cdk_json)
    monkeypatch.setattr(boto3, "client", lambda name: CloudFormation("SecondAirflow"))
    assert deployed.main([]) == 0
    assert capsys.readouterr().out == "-c airflow=mwaa\n"


def test_nothing_is_destroyed_when_aws_cannot_be_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(name: str) -> Any:
        raise NoCredentialsError

    monkeypatch.setattr(boto3, "client", refuse)
    assert main([]) == 1
    assert "Nothing was destroyed" in capsys.readouterr().err


def test_a_context_value_without_a_value_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-c", "network=nat", "-c", "foo"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == (
        "Nothing was destroyed: the context value 'foo' is no NAME=VALUE; give, for example, network=nat.\n"
    )


def test_make_destroy_asks_first() -> None:
    lines = (ROOT / "Makefile").read_text().split("\ndestroy:")[1].split("\n\n")[0]
    assert lines.index("-m stacks.deployed $(CONTEXT)") < lines.index("cdk destroy --all $(CONTEXT) $$found")


def test_make_destroy_needs_no_node_of_the_machine(tmp_path: Path) -> None:
    """The CDK's Python starts node, which make setup put beside its Python."""
    make = shutil.which("make")
    assert make is not None
    nobody = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    ended = subprocess.run(
        [make, "--old-file=setup", "destroy"],  # what setup makes is there
        cwd=ROOT,
        env={
            **nobody,
            "PATH": str(tmp_path),
            "HOME": str(tmp_path),
            "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode != 0
    assert ended.stderr.startswith("Nothing was destroyed")
    assert "Traceback" not in ended.stderr
