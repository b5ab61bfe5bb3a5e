# SPDX-License-Identifier: Apache-2.0
"""Each call of the pipeline is allowed by its role, and a role may do no more, but for named reasons.

The local cloud runs functions and jobs with the credentials of their roles, refuses what those may not do,
and remembers what they asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest
from botocore.exceptions import ClientError

from local_cloud.control import ask
from tests.e2e.conftest import Deployment
from tests.e2e.runs import Runs
from tests.e2e.unused_rights import UNUSED, UNUSED_RESOURCES

pytestmark = pytest.mark.e2e

STACK = "OtelSolutionStack-"


class Right(NamedTuple):
    """One action on one resource pattern, granted to a role."""

    role: str
    action: str
    resource: str


@pytest.fixture(scope="module")
def recorded(runs: Runs) -> list[dict[str, Any]]:
    """What the roles of the stack asked for in whole runs with clean, duplicate and rejected rows."""
    assert runs.good.status == "SUCCEEDED", runs.good.cause
    calls: list[dict[str, Any]] = ask("/_local_cloud/permissions")
    return [call for call in calls if call["role"].startswith(STACK)]


@pytest.fixture(scope="module")
def granted(deployment: Deployment) -> set[Right]:
    """What the deployed policies grant: those of the roles, and the buckets' that name a role."""
    return {*_own_rights(), *_bucket_rights(deployment)}


def _own_rights() -> Iterator[Right]:
    iam = boto3.client("iam")
    for page in iam.get_paginator("list_roles").paginate():
        for role in (item["RoleName"] for item in page["Roles"] if item["RoleName"].startswith(STACK)):
            for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
                document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
                yield from _rights(role, document)


def _bucket_rights(deployment: Deployment) -> Iterator[Right]:
    for bucket in (item["Name"] for item in deployment.s3.list_buckets()["Buckets"]):
        if not bucket.startswith(STACK.lower()):
            continue
        document = json.loads(deployment.s3.get_bucket_policy(Bucket=bucket)["Policy"])
        for statement in document["Statement"]:
            for principal in _list(statement["Principal"].get("AWS", [])):
                if ":role/" in principal:
                    yield from _rights(principal.rpartition("/")[2], {"Statement": [statement]})


def _rights(role: str, document: dict[str, Any]) -> Iterator[Right]:
    for statement in document["Statement"]:
        if statement["Effect"] == "Allow":
            for action in _list(statement["Action"]):
                for resource in _list(statement["Resource"]):
                    yield Right(role, action, resource)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _matches(right: Right, call: dict[str, Any]) -> bool:
    return (
        right.role == call["role"]
        and fnmatchcase(call["action"], right.action)
        and fnmatchcase(call["resource"], right.resource)
    )


def test_every_call_of_a_role_was_allowed(recorded: list[dict[str, Any]]) -> None:
    assert [call for call in recorded if not call["allowed"]] == []
    # and the record is that of the whole run: the function, and what both jobs read and wrote
    made = {(call["role"][len(STACK) :][:8], call["action"]) for call in recorded}
    assert {("Ingestio", "states:StartExecution"), ("CleanJob", "xray:BatchGetTraces")} <= made
    for job in ("CleanJob", "ProcessJ"):
        assert {(job, f"s3:{action}") for action in ("GetObject", "PutObject", "ListBucket")} <= made


def test_the_endpoint_of_s3_lets_through_all_that_the_jobs_call(
    recorded: list[dict[str, Any]], deployment: Deployment
) -> None:
    """The local cloud has no routes: what the endpoint's policy would refuse in an account is found here."""
    template = boto3.client("cloudformation").get_template(StackName="OtelSolutionStack")["TemplateBody"]
    resources = (json.loads(template) if isinstance(template, str) else template)["Resources"]
    ((policy,),) = [
        resource["Properties"]["PolicyDocument"]["Statement"]
        for resource in resources.values()
        if resource["Type"] == "AWS::EC2::VPCEndpoint"
        and resource["Properties"]["VpcEndpointType"] == "Gateway"
    ]
    buckets = (f"arn:aws:s3:::{deployment.bucket}", "arn:aws:s3:::cdk-hnb659fds-assets-")
    calls = [call for call in recorded if "JobRole" in call["role"] and call["action"].startswith("s3:")]
    assert calls
    for call in calls:
        assert call["action"] in policy["Action"], call
        assert call["resource"].startswith(buckets), call


def test_each_right_is_used_or_its_reason_is_named(
    recorded: list[dict[str, Any]], granted: set[Right]
) -> None:
    unused = {right for right in granted if not any(_matches(right, call) for call in recorded)}
    assert {right for right in unused if _reason(right) is None} == set()


def test_each_reason_is_for_a_right_that_is_granted(granted: set[Right]) -> None:
    for role, action in UNUSED:
        assert any(role in right.role and right.action == action for right in granted), (role, action)


def _reason(right: Right) -> str | None:
    for (role, action), reason in UNUSED.items():
        if role in right.role and action == right.action:
            return reason
    masked = right.resource.replace("cdk-hnb659fds-assets-", "/ASSET")
    return next((reason for part, reason in UNUSED_RESOURCES.items() if part in masked), None)


@pytest.mark.parametrize(
    ("job", "operation", "key"),
    [
        ("CleanJobRole", "put_object", "input/x.csv"),
        ("CleanJobRole", "delete_object", "input/x.csv"),
        ("CleanJobRole", "put_object", "processed/x"),
        ("CleanJobRole", "get_object", "processed/x"),
        ("ProcessJobRole", "get_object", "input/x.csv"),
        ("ProcessJobRole", "put_object", "clean/x"),
        ("ProcessJobRole", "delete_object", "rejected/x"),
        ("IngestionRole", "get_object", "clean/x"),
        ("IngestionRole", "put_object", "input/x.csv"),
    ],
)
def test_a_role_is_refused_what_it_was_not_granted(
    deployment: Deployment, granted: set[Right], job: str, operation: str, key: str
) -> None:
    client = _as_role(granted, job).client("s3")
    with pytest.raises(ClientError) as refused:
        getattr(client, operation)(Bucket=deployment.bucket, Key=key)
    assert refused.value.response["Error"]["Code"] == "AccessDenied"


def test_a_role_gets_what_it_was_granted(deployment: Deployment, granted: set[Right], tmp_path: Path) -> None:
    client = _as_role(granted, "ProcessJobRole").client("s3")
    client.put_object(Bucket=deployment.bucket, Key="processed/permissions-test", Body=b"1")
    client.delete_object(Bucket=deployment.bucket, Key="processed/permissions-test")


def _as_role(granted: set[Right], part: str) -> boto3.Session:
    (role,) = {right.role for right in granted if part in right.role}
    account = boto3.client("sts").get_caller_identity()["Account"]
    answer = boto3.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{account}:role/{role}", RoleSessionName="test"
    )
    credentials = answer["Credentials"]
    return boto3.Session(
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )
