# SPDX-License-Identifier: Apache-2.0
"""CDK's own constructs with their custom resources: deployed, used, updated and destroyed once."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.local_cloud import cdk_stacks
from tests.integration.local_cloud.constructs_app import synthesize
from tests.integration.local_cloud.glue_jobs import ended, messages
from tests.waiting import Client, wait_until


@pytest.fixture(scope="module")
def assemblies(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    root = tmp_path_factory.mktemp("constructs")
    for version in (1, 2):
        synthesize(root / f"cdk-{version}", version=version)
    return [root / "cdk-1", root / "cdk-2"]


@pytest.fixture(scope="module")
def out(aws: Client, assemblies: list[Path]) -> Iterator[dict[str, str]]:
    stack = cdk_stacks.deploy(aws, assemblies[0], "Constructs")
    assert stack["StackStatus"] == "CREATE_COMPLETE", cdk_stacks.failures(aws, stack["StackId"])
    out = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    yield out
    gone = cdk_stacks.destroy(aws, stack["StackId"])
    assert gone["StackStatus"] == "DELETE_COMPLETE", cdk_stacks.failures(aws, stack["StackId"])
    buckets = [bucket["Name"] for bucket in aws("s3").list_buckets()["Buckets"]]
    assert out["Bucket"] not in buckets  # it was emptied
    assert out["Kept"] in buckets
    assert out["Workflow"] not in aws("glue").list_workflows()["Workflows"]


def _keys(aws: Client, bucket: str, prefix: str) -> list[str]:
    found = aws("s3").list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
    return [entry["Key"].removeprefix(prefix) for entry in found]


def test_a_default_security_group_lets_nothing_through(aws: Client, out: dict[str, str]) -> None:
    group = aws("ec2").describe_security_groups(GroupIds=[out["DefaultGroup"]])["SecurityGroups"][0]
    assert (group["IpPermissions"], group["IpPermissionsEgress"]) == ([], [])


def test_a_bucket_deployment_copies_its_sources_but_for_what_is_excluded(
    aws: Client, out: dict[str, str]
) -> None:
    assert _keys(aws, out["Bucket"], "site/") == ["config.json", "page-1.html"]
    config = aws("s3").get_object(Bucket=out["Bucket"], Key="site/config.json")
    assert json.loads(config["Body"].read()) == {"bucket": f"arn:aws:s3:::{out['Bucket']}"}  # known at deploy
    assert config["Metadata"] == {"by": "cdk"}
    assert config["CacheControl"] == "max-age=3600"


def test_log_retention_is_set(aws: Client, out: dict[str, str]) -> None:
    name = f"/aws/lambda/{out['Python']}"
    (group,) = aws("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert group["retentionInDays"] == 7


def test_a_custom_resource_answers_through_the_providers_framework(out: dict[str, str]) -> None:
    assert out["Answer"] == "Create of Python"


def test_a_node_function_runs(aws: Client, out: dict[str, str]) -> None:
    answer = aws("lambda").invoke(FunctionName=out["Node"], Payload=json.dumps({"name": "you"}))
    assert json.loads(answer["Payload"].read()) == {"hello": "you"}


def test_a_nested_stack_has_its_parameter(aws: Client, out: dict[str, str]) -> None:
    assert aws("ssm").get_parameter(Name=out["Parameter"])["Parameter"]["Value"] == "nested"


def test_an_upload_is_announced_to_the_queue(aws: Client, out: dict[str, str]) -> None:
    aws("s3").put_object(Bucket=out["Bucket"], Key="uploads/a.csv", Body=b"")

    def keys() -> list[str]:
        answer = aws("sqs").receive_message(QueueUrl=out["Queue"], MaxNumberOfMessages=10)
        bodies = [json.loads(message["Body"]) for message in answer.get("Messages", [])]
        return [record["s3"]["object"]["key"] for body in bodies for record in body.get("Records", [])]

    assert wait_until(keys) == ["uploads/a.csv"]


def test_a_workflow_runs_the_script_that_was_deployed(aws: Client, out: dict[str, str]) -> None:
    glue = aws("glue")
    run_id = glue.start_workflow_run(Name=out["Workflow"])["RunId"]

    def job_run() -> Any:
        return glue.get_job_runs(JobName=out["Job"])["JobRuns"]

    run = ended(aws, out["Job"], wait_until(job_run)[0]["Id"])
    assert (run["JobRunState"], run.get("ErrorMessage")) == ("SUCCEEDED", None)
    assert run["Arguments"]["--WORKFLOW_RUN_ID"] == run_id
    said = messages(aws, "/aws-glue/python-jobs/output", run["Id"])
    version = (3, 9) if shutil.which("python3.9") else sys.version_info[:2]
    assert said == [f"from a bucket deployment {version} 3"]  # with pandas, as Glue has it


def test_an_update_prunes_what_the_sources_lack_now(
    aws: Client, out: dict[str, str], assemblies: list[Path]
) -> None:
    aws("s3").put_object(Bucket=out["Bucket"], Key="scripts/by-hand.py", Body=b"")
    updated = cdk_stacks.deploy(aws, assemblies[1], "Constructs", update=True)
    assert updated["StackStatus"] == "UPDATE_COMPLETE", cdk_stacks.failures(aws, updated["StackId"])
    assert _keys(aws, out["Bucket"], "site/") == ["config.json", "page-2.html"]
    assert _keys(aws, out["Bucket"], "scripts/") == ["by-hand.py", "shell.py"]  # not pruned


def test_types_that_are_not_emulated_are_named_with_their_resources(aws: Client) -> None:
    template = {
        "Resources": {"Lake": {"Type": "AWS::LakeFormation::Resource"}, "X": {"Type": "AWS::Glue::Typo"}}
    }
    with pytest.raises(ClientError) as caught:
        aws("cloudformation").create_stack(StackName="unknown", TemplateBody=json.dumps(template))
    message = caught.value.response["Error"]["Message"]
    assert "Lake (AWS::LakeFormation::Resource)" in message
    assert "X (AWS::Glue::Typo)" in message
