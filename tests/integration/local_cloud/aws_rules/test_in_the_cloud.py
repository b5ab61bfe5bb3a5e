# SPDX-License-Identifier: Apache-2.0
"""The rules at the cloud's own endpoint, as a client and as CloudFormation meet them."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local_cloud import LocalCloud
from local_cloud.control import ask
from tests.waiting import Client, wait_until

FRESH = "111111111111"  # an account that nobody used; ministack takes twelve digits for the account's id


def settled(aws: Client, stack: str) -> str:
    def look() -> Any:
        status = aws("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
        return None if status.endswith("IN_PROGRESS") else status

    return str(wait_until(look))


def deploy(aws: Client, name: str, resources: dict[str, Any]) -> str:
    template = json.dumps({"Resources": resources})
    return str(aws("cloudformation").create_stack(StackName=name, TemplateBody=template)["StackId"])


def test_a_stack_whose_subnet_holds_an_interface_is_not_deleted(aws: Client) -> None:
    resources = {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.3.0.0/16"}},
        "Subnet": {
            "Type": "AWS::EC2::Subnet",
            "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.3.0.0/24"},
        },
        "Group": {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {"VpcId": {"Ref": "Vpc"}, "GroupDescription": "d"},
        },
    }
    stack = deploy(aws, "left-behind", resources)
    assert settled(aws, stack) == "CREATE_COMPLETE"
    made = aws("cloudformation").describe_stack_resources(StackName="left-behind")["StackResources"]
    ids = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in made}
    left = aws("ec2").create_network_interface(SubnetId=ids["Subnet"], Groups=[ids["Group"]])
    aws("cloudformation").delete_stack(StackName="left-behind")
    assert settled(aws, stack) == "DELETE_FAILED"
    aws("ec2").delete_network_interface(NetworkInterfaceId=left["NetworkInterface"]["NetworkInterfaceId"])
    aws("cloudformation").delete_stack(StackName="left-behind")
    assert settled(aws, stack) == "DELETE_COMPLETE"


@pytest.fixture
def fresh(cloud: LocalCloud, request: pytest.FixtureRequest) -> Client:
    """Clients of an account of the test's own."""
    account = str(int(FRESH) + hash(request.node.name) % 10**6)

    def client(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=cloud.endpoint,
            region_name="us-east-1",
            **{**cloud.credentials, "aws_access_key_id": account},
            config=Config(retries={"total_max_attempts": 1}, proxies={}),
        )

    return client


def test_the_first_cluster_with_capacity_providers_fails_once(fresh: Client) -> None:
    ecs = fresh("ecs")
    with pytest.raises(ClientError, match="Unable to assume the service linked role"):
        ecs.create_cluster(clusterName="c", capacityProviders=["FARGATE_SPOT"])
    ecs.create_cluster(clusterName="c", capacityProviders=["FARGATE_SPOT"])
    roles = fresh("iam").list_roles(PathPrefix="/aws-service-role/")["Roles"]
    assert [role["RoleName"] for role in roles] == ["AWSServiceRoleForECS"]


def test_a_cluster_without_them_is_made_and_the_role_with_it(fresh: Client) -> None:
    ecs = fresh("ecs")
    ecs.create_cluster(clusterName="c")
    attach = {"cluster": "c", "capacityProviders": ["FARGATE"], "defaultCapacityProviderStrategy": []}
    with pytest.raises(ClientError, match="Unable to assume the service linked role"):
        ecs.put_cluster_capacity_providers(**attach)
    ecs.put_cluster_capacity_providers(**attach)


def test_cloudformation_meets_it_too(fresh: Client) -> None:
    cluster = {"Type": "AWS::ECS::Cluster", "Properties": {"CapacityProviders": ["FARGATE_SPOT"]}}
    assert settled(fresh, deploy(fresh, "first", {"Cluster": cluster})) == "ROLLBACK_COMPLETE"
    assert settled(fresh, deploy(fresh, "second", {"Cluster": cluster})) == "CREATE_COMPLETE"


def test_the_clock_is_moved_from_outside(cloud: LocalCloud) -> None:
    answer = ask("/_local_cloud/clock", {"advance_seconds": 5}, client=cloud.environment)
    assert answer == {"offset_seconds": 5.0}


def _function(aws: Client, name: str, condition: dict[str, Any] | None, **members: Any) -> Any:
    """Invoke a function with a key, whose role may decrypt under a condition; return the answer."""
    trust = {"Version": "2012-10-17", "Statement": []}
    role = aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    key = aws("kms").create_key()["KeyMetadata"]["Arn"]
    if condition is not None:
        statement = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key, "Condition": condition}
        document = {"Version": "2012-10-17", "Statement": [statement]}
        aws("iam").put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(document))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as asset:
        asset.writestr("index.py", "def handler(event, context): return 'ran'")
    aws("lambda").create_function(
        FunctionName=name, Runtime="python3.13", Handler="index.handler", Role=role,
        Code={"ZipFile": archive.getvalue()}, KMSKeyArn=key, **members,
    )  # fmt: skip
    wait_until(lambda: aws("lambda").get_function(FunctionName=name)["Configuration"]["State"] == "Active")
    return aws("lambda").invoke(FunctionName=name, Payload=b"{}")


ROLE = "arn:aws:iam::000000000000:role/without-any-right"
VARIABLES = {"Variables": {"A": "b"}}
THROUGH_SQS = {"StringEquals": {"kms:ViaService": "sqs.us-east-1.amazonaws.com"}}
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:for-itself"
FOR_ITSELF = {"StringEquals": {"kms:EncryptionContext:aws:lambda:FunctionArn": FUNCTION}}


@pytest.mark.parametrize(
    ("name", "condition"), [("without", None), ("through-sqs", THROUGH_SQS), ("for-another", FOR_ITSELF)]
)
def test_a_function_that_may_not_decrypt_its_variables_does_not_run(
    aws: Client, name: str, condition: dict[str, Any] | None
) -> None:
    answer = _function(aws, name, condition, Environment=VARIABLES)
    assert "FunctionError" in answer
    assert json.loads(answer["Payload"].read())["errorType"] == "KMSAccessDeniedException"


@pytest.mark.parametrize(
    ("name", "condition", "members"),
    [("for-itself", FOR_ITSELF, {"Environment": VARIABLES}), ("no-variables", None, {})],
)
def test_one_that_may_or_has_none_runs(
    aws: Client, name: str, condition: dict[str, Any] | None, members: dict[str, Any]
) -> None:
    assert json.loads(_function(aws, name, condition, **members)["Payload"].read()) == "ran"


def test_a_function_of_a_template_has_the_key_that_it_names_and_no_longer(aws: Client) -> None:
    key = aws("kms").create_key()["KeyMetadata"]["Arn"]
    code = {"ZipFile": "def handler(event, context): return 'ran'"}
    common = {"Runtime": "python3.13", "Handler": "index.handler", "Role": ROLE, "Code": code}
    properties = {**common, "FunctionName": "of-a-template", "Environment": VARIABLES}
    with_key = {"F": {"Type": "AWS::Lambda::Function", "Properties": {**properties, "KmsKeyArn": key}}}
    stack = deploy(aws, "function", with_key)
    assert settled(aws, stack) == "CREATE_COMPLETE"
    answer = aws("lambda").invoke(FunctionName="of-a-template", Payload=b"{}")
    assert json.loads(answer["Payload"].read())["errorType"] == "KMSAccessDeniedException"
    without = json.dumps({"Resources": {"F": {"Type": "AWS::Lambda::Function", "Properties": properties}}})
    aws("cloudformation").update_stack(StackName="function", TemplateBody=without)
    assert settled(aws, stack) == "UPDATE_COMPLETE"
    answer = aws("lambda").invoke(FunctionName="of-a-template", Payload=b"{}")
    assert json.loads(answer["Payload"].read()) == "ran"
    aws("cloudformation").delete_stack(StackName="function")
    assert settled(aws, stack) == "DELETE_COMPLETE"
