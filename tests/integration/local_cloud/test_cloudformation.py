# SPDX-License-Identifier: Apache-2.0
"""The resource types that this package adds: made for real, listed by their services, gone with the stack."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.waiting import Client, wait_until

_TEMPLATE: dict[str, Any] = {
    "Resources": {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.7.0.0/16"}},
        "Subnet": {
            "Type": "AWS::EC2::Subnet",
            "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.7.1.0/24"},
        },
        "Address": {
            "Type": "AWS::EC2::EIP",
            "Properties": {"Domain": "vpc", "Tags": [{"Key": "k", "Value": "v"}]},
        },
        "Nat": {
            "Type": "AWS::EC2::NatGateway",
            "Properties": {
                "SubnetId": {"Ref": "Subnet"},
                "AllocationId": {"Fn::GetAtt": ["Address", "AllocationId"]},
            },
        },
        "Group": {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {
                "GroupDescription": "g",
                "VpcId": {"Ref": "Vpc"},
                "SecurityGroupEgress": [
                    {"IpProtocol": "icmp", "CidrIp": "255.255.255.255/32", "FromPort": 252, "ToPort": 86}
                ],
            },
        },
        "In": {
            "Type": "AWS::EC2::SecurityGroupIngress",
            "Properties": {
                "GroupId": {"Fn::GetAtt": ["Group", "GroupId"]},
                "IpProtocol": "tcp",
                "FromPort": 4318,
                "ToPort": 4318,
                "SourceSecurityGroupId": {"Fn::GetAtt": ["Group", "GroupId"]},
            },
        },
        "Out": {
            "Type": "AWS::EC2::SecurityGroupEgress",
            "Properties": {
                "GroupId": {"Fn::GetAtt": ["Group", "GroupId"]},
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "CidrIp": {"Fn::GetAtt": ["Vpc", "CidrBlock"]},
            },
        },
        "FlowLog": {
            "Type": "AWS::EC2::FlowLog",
            "Properties": {
                "ResourceId": {"Ref": "Vpc"},
                "ResourceType": "VPC",
                "TrafficType": "REJECT",
                "LogGroupName": "flows",
            },
        },
        "Security": {
            "Type": "AWS::Glue::SecurityConfiguration",
            "Properties": {
                "Name": "encrypted",
                "EncryptionConfiguration": {"S3Encryptions": [{"S3EncryptionMode": "SSE-S3"}]},
            },
        },
        "Job": {
            "Type": "AWS::Glue::Job",
            "Properties": {
                "Name": "deployed",
                "Role": "r",
                "Command": {"Name": "glueetl", "ScriptLocation": "s3://b/k.py"},
                "ExecutionProperty": {"MaxConcurrentRuns": 5},
                "JobRunQueuingEnabled": True,
            },
        },
        "Bucket": {
            "Type": "AWS::S3::Bucket",
            "Properties": {
                "BucketName": "deployed-bucket",
                "Tags": [{"Key": "aws-cdk:auto-delete-objects", "Value": "true"}],
                "BucketEncryption": {
                    "ServerSideEncryptionConfiguration": [
                        {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
                    ]
                },
            },
        },
        "Traces": {"Type": "AWS::XRay::Group", "Properties": {"GroupName": "g"}},
    },
    "Outputs": {
        "Cidr": {"Value": {"Fn::GetAtt": ["Vpc", "CidrBlock"]}},
        "Nat": {"Value": {"Ref": "Nat"}},
        "Address": {"Value": {"Ref": "Address"}},
        "Group": {"Value": {"Fn::GetAtt": ["Group", "GroupId"]}},
        "FlowLog": {"Value": {"Ref": "FlowLog"}},
    },
}


def _settled(aws: Client, name: str) -> dict[str, Any]:
    def described() -> dict[str, Any] | None:
        stack: dict[str, Any] = aws("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        return None if stack["StackStatus"].endswith("_IN_PROGRESS") else stack

    stack: dict[str, Any] = wait_until(described)
    return stack


@pytest.fixture(scope="module")
def outputs(aws: Client) -> Iterator[dict[str, str]]:
    cloudformation = aws("cloudformation")
    created = cloudformation.create_stack(StackName="types", TemplateBody=json.dumps(_TEMPLATE))["StackId"]
    stack = _settled(aws, created)
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    yield outputs
    cloudformation.delete_stack(StackName="types")
    assert _settled(aws, created)["StackStatus"] == "DELETE_COMPLETE"
    _assert_nothing_left(aws, outputs)


def _assert_nothing_left(aws: Client, outputs: dict[str, str]) -> None:
    ec2, glue = aws("ec2"), aws("glue")
    assert ec2.describe_addresses()["Addresses"] == []
    assert [nat["State"] for nat in ec2.describe_nat_gateways()["NatGateways"]] == [
        "deleted"
    ]  # listed for an hour
    assert ec2.describe_flow_logs()["FlowLogs"] == []
    assert [vpc for vpc in ec2.describe_vpcs()["Vpcs"] if not vpc["IsDefault"]] == []
    assert outputs["Group"] not in [
        group["GroupId"] for group in ec2.describe_security_groups()["SecurityGroups"]
    ]
    assert glue.get_security_configurations()["SecurityConfigurations"] == []
    assert "deployed" not in glue.list_jobs()["JobNames"]
    assert "deployed-bucket" not in [entry["Name"] for entry in aws("s3").list_buckets()["Buckets"]]


def test_the_vpc_says_its_addresses(outputs: dict[str, str]) -> None:
    assert outputs["Cidr"] == "10.7.0.0/16"


def test_address_and_gateway_are_known_to_ec2(aws: Client, outputs: dict[str, str]) -> None:
    address = aws("ec2").describe_addresses()["Addresses"][0]
    gateway = aws("ec2").describe_nat_gateways(NatGatewayIds=[outputs["Nat"]])["NatGateways"][0]
    assert address["PublicIp"] == outputs["Address"]
    assert address["Tags"] == [{"Key": "k", "Value": "v"}]
    assert gateway["State"] == "available"


def test_rules_of_their_own_are_rules_of_the_group(aws: Client, outputs: dict[str, str]) -> None:
    group = aws("ec2").describe_security_groups(GroupIds=[outputs["Group"]])["SecurityGroups"][0]
    inside = [(rule["FromPort"], rule["UserIdGroupPairs"][0]["GroupId"]) for rule in group["IpPermissions"]]
    outside = [(rule["FromPort"], rule["IpRanges"][0]["CidrIp"]) for rule in group["IpPermissionsEgress"]]
    assert inside == [(4318, outputs["Group"])]
    assert outside == [(252, "255.255.255.255/32"), (443, "10.7.0.0/16")]


def test_the_flow_log_is_active(aws: Client, outputs: dict[str, str]) -> None:
    flow_log = aws("ec2").describe_flow_logs(FlowLogIds=[outputs["FlowLog"]])["FlowLogs"][0]
    assert (flow_log["FlowLogStatus"], flow_log["TrafficType"]) == ("ACTIVE", "REJECT")


def test_the_job_keeps_what_it_was_given(aws: Client, outputs: dict[str, str]) -> None:
    job = aws("glue").get_job(JobName="deployed")["Job"]
    assert job["ExecutionProperty"] == {"MaxConcurrentRuns": 5}
    assert job["JobRunQueuingEnabled"] is True


def test_the_security_configuration_has_the_spelling_of_the_api(aws: Client, outputs: dict[str, str]) -> None:
    found = aws("glue").get_security_configuration(Name="encrypted")["SecurityConfiguration"]
    assert found["EncryptionConfiguration"] == {"S3Encryption": [{"S3EncryptionMode": "SSE-S3"}]}


def test_the_bucket_has_its_tags_and_encrypts_with_the_accounts_key(
    aws: Client, outputs: dict[str, str]
) -> None:
    s3 = aws("s3")
    tags = s3.get_bucket_tagging(Bucket="deployed-bucket")["TagSet"]
    put = s3.put_object(Bucket="deployed-bucket", Key="k", Body=b"", ServerSideEncryption="aws:kms")
    s3.delete_object(Bucket="deployed-bucket", Key="k")
    assert tags == [{"Key": "aws-cdk:auto-delete-objects", "Value": "true"}]
    assert put["SSEKMSKeyId"] == "arn:aws:kms:us-east-1:000000000000:alias/aws/s3"


def test_a_bucket_with_an_object_in_it_is_not_deleted(aws: Client) -> None:
    template = {
        "Resources": {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "full-bucket"}}}
    }
    cloudformation, s3 = aws("cloudformation"), aws("s3")
    stack = cloudformation.create_stack(StackName="full", TemplateBody=json.dumps(template))["StackId"]
    assert _settled(aws, stack)["StackStatus"] == "CREATE_COMPLETE"
    s3.put_object(Bucket="full-bucket", Key="k", Body=b"x")
    cloudformation.delete_stack(StackName="full")
    assert _settled(aws, stack)["StackStatus"] == "DELETE_FAILED"
    assert s3.get_object(Bucket="full-bucket", Key="k")["Body"].read() == b"x"
    s3.delete_object(Bucket="full-bucket", Key="k")
    cloudformation.delete_stack(StackName="full")
    assert _settled(aws, stack)["StackStatus"] == "DELETE_COMPLETE"


def test_a_type_that_nobody_knows_is_refused(aws: Client) -> None:
    template = json.dumps({"Resources": {"X": {"Type": "AWS::EC2::Typo"}}})
    with pytest.raises(ClientError, match="AWS::EC2::Typo"):
        aws("cloudformation").create_stack(StackName="typo", TemplateBody=template)
