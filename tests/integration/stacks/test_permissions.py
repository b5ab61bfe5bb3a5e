# SPDX-License-Identifier: Apache-2.0
"""Least privilege: every wildcard of every role, by name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.stacks.conftest import Synthesized

# Actions that know no resources: https://docs.aws.amazon.com/service-authorization/latest/reference/
WITHOUT_RESOURCES = {
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcAttribute",
    "ec2:DescribeVpcEndpoints",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
    "xray:BatchGetTraces",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:ListRetrievedTraces",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
    "xray:StartTraceRetrieval",
}
# Glue makes an interface for each worker: nobody knows their ids before.
ON_ANY_INTERFACE = {"ec2:CreateNetworkInterface", "ec2:CreateTags", "ec2:DeleteNetworkInterface"}


def statements(template: Synthesized) -> Iterator[tuple[str, dict[str, Any]]]:
    """(logical id, statement) of everything that a role of the stack may do."""
    for id_, properties in template.of_type("AWS::IAM::Policy").items():
        for statement in properties["PolicyDocument"]["Statement"]:
            yield id_, statement
    for id_, properties in template.of_type("AWS::IAM::Role").items():
        for policy in properties.get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                yield id_, statement


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("variant", ["default", "nat"])
def test_no_role_has_a_managed_policy(variant: str, request: pytest.FixtureRequest) -> None:
    for properties in request.getfixturevalue(variant).of_type("AWS::IAM::Role").values():
        assert properties.get("ManagedPolicyArns", []) == []


def test_no_action_is_a_wildcard(default: Synthesized) -> None:
    actions = {action for _, statement in statements(default) for action in as_list(statement["Action"])}
    assert not {action for action in actions if "*" in action}


def test_any_resource_is_named_only_for_actions_that_know_none(default: Synthesized) -> None:
    actions = {
        action
        for _, statement in statements(default)
        if "*" in as_list(statement["Resource"])
        for action in as_list(statement["Action"])
    }
    assert actions == WITHOUT_RESOURCES


def test_the_one_other_wildcard_is_any_network_interface(default: Synthesized) -> None:
    found = {
        action
        for _, statement in statements(default)
        for resource in as_list(statement["Resource"])
        if resource != "*" and "*" in json.dumps(resource)
        for action in as_list(statement["Action"])
    }
    assert found == ON_ANY_INTERFACE
    assert all(
        resource["Fn::Join"][1][-1] == ":network-interface/*"
        for _, statement in statements(default)
        for resource in as_list(statement["Resource"])
        if resource != "*" and "*" in json.dumps(resource)
    )


def test_the_function_starts_this_state_machine_and_reads_no_data(default: Synthesized) -> None:
    granted = {
        action
        for id_, statement in statements(default)
        if id_.startswith("IngestionRole")
        for action in as_list(statement["Action"])
    }
    assert granted == {
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "sqs:SendMessage",
        "states:StartExecution",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    }


def test_the_state_machine_runs_the_two_jobs_and_no_other(default: Synthesized) -> None:
    (statement,) = [s for _, s in statements(default) if s.get("Sid") == "RunJobs"]
    names = [resource["Fn::Join"][1][-1]["Ref"][:8] for resource in statement["Resource"]]
    assert names == ["CleanJob", "ProcessJ"]


def test_the_jobs_read_their_own_code_only(default: Synthesized) -> None:
    for sid, kind in (("ReadCode", ".py"), ("ReadTracing", ".zip")):
        granted = [statement for _, statement in statements(default) if statement.get("Sid") == sid]
        assert [statement["Action"] for statement in granted] == ["s3:GetObject"] * 2
        assert all(statement["Resource"]["Fn::Join"][1][-1].endswith(kind) for statement in granted)


def test_no_job_deletes_for_good(default: Synthesized) -> None:
    """What it deletes or overwrites stays a version of the bucket's for 30 days."""
    policies = json.dumps([default.of_type(f"AWS::{kind}") for kind in ("IAM::Policy", "S3::BucketPolicy")])
    assert "s3:DeleteObject" in policies
    assert "s3:DeleteObjectVersion" not in policies


def test_the_collector_sends_segments_and_metrics_and_does_nothing_else(default: Synthesized) -> None:
    granted = [s for id_, s in statements(default) if id_.startswith("CollectorTaskRole")]
    assert [statement["Action"] for statement in granted] == [
        "xray:PutTraceSegments",
        ["logs:CreateLogStream", "logs:PutLogEvents"],
    ]
    assert granted[1]["Resource"]["Fn::GetAtt"][0].startswith("CollectorMetrics")
