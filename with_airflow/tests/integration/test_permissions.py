# SPDX-License-Identifier: Apache-2.0
"""Least privilege in the Airflow stack: every wildcard of every role, and what Airflow may start."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.stacks.conftest import Synthesized
from tests.integration.stacks.test_permissions import as_list, statements
from with_airflow.tests.integration.conftest import Both
from with_airflow.tests.integration.test_report import role_statements

# Actions that know no resources: https://docs.aws.amazon.com/service-authorization/latest/reference/
WITHOUT_RESOURCES = {
    "cloudwatch:PutMetricData",
    "glue:GetSecurityConfiguration",
    "logs:DescribeLogGroups",
    "s3:GetAccountPublicAccessBlock",
    "xray:BatchGetTraces",
    "xray:ListRetrievedTraces",
    "xray:PutTraceSegments",
    "xray:StartTraceRetrieval",
}
# RunJobFlow knows none either, and neither does AddTags before there is a cluster: both ask for the tag.
WITH_A_TAG = {"elasticmapreduce:AddTags", "elasticmapreduce:RunJobFlow"}


def wildcards(template: Synthesized) -> dict[str, set[str]]:
    """What stands for more than one resource -> the actions on it."""
    found: dict[str, set[str]] = {}
    for _, statement in statements(template):
        for resource in as_list(statement.get("Resource", [])):
            if "*" in json.dumps(resource):
                text = resource if isinstance(resource, str) else _readable(resource)
                found.setdefault(text, set()).update(as_list(statement["Action"]))
    return found


def _readable(resource: dict[str, Any]) -> str:
    return "".join(part if isinstance(part, str) else "?" for part in resource["Fn::Join"][1])


def test_no_role_has_a_managed_policy_but_emrs_own(stack: Synthesized, cluster: Synthesized) -> None:
    for properties in stack.of_type("AWS::IAM::Role").values():
        assert properties.get("ManagedPolicyArns", []) == []
    managed = [p for p in cluster.of_type("AWS::IAM::Role").values() if p.get("ManagedPolicyArns")]
    assert len(managed) == 1
    assert json.dumps(managed[0]["ManagedPolicyArns"]).count("AmazonEMRServicePolicy_v2") == 1


@pytest.mark.parametrize("variant", ["stack", "cluster"])
def test_no_action_is_a_wildcard(variant: str, request: pytest.FixtureRequest) -> None:
    template: Synthesized = request.getfixturevalue(variant)
    actions = {action for _, statement in statements(template) for action in as_list(statement["Action"])}
    assert not {action for action in actions if "*" in action}


def test_every_wildcard_by_name(stack: Synthesized) -> None:
    found = wildcards(stack)
    assert found.pop("*") == WITHOUT_RESOURCES
    assert {resource.split(":", 5)[-1]: sorted(actions) for resource, actions in found.items()} == {
        "?/input/*": ["s3:GetObject"],
        "table/?/*": [
            "glue:BatchCreatePartition",
            "glue:BatchGetPartition",
            "glue:CreateTable",
            "glue:GetDatabase",
            "glue:GetPartitions",
            "glue:GetTable",
            "glue:GetTables",
            "glue:UpdatePartition",
            "glue:UpdateTable",
        ],
        "airflow-celery-*": [
            "sqs:ChangeMessageVisibility",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:GetQueueUrl",
            "sqs:ReceiveMessage",
            "sqs:SendMessage",
        ],
        "?/jobruns/*": [
            "emr-serverless:CancelJobRun",
            "emr-serverless:GetApplication",
            "emr-serverless:GetJobRun",
            "emr-serverless:StartApplication",
            "emr-serverless:StartJobRun",
        ],
        "?/processed/*": ["s3:GetObject"],
        "?/reports/*": [
            "s3:AbortMultipartUpload",
            "s3:DeleteObject",
            "s3:GetObject",
            "s3:ListMultipartUploadParts",
            "s3:PutObject",
        ],
    }


def test_clusters_are_started_and_ended_by_their_tag_only(cluster: Synthesized) -> None:
    granted = role_statements(cluster, "AirflowRole")
    tag = "for-use-with-amazon-emr-managed-policies"
    assert set(granted["StartCluster"]["Action"]) == WITH_A_TAG
    assert granted["StartCluster"]["Condition"] == {"StringEquals": {f"aws:RequestTag/{tag}": "true"}}
    assert granted["ManageCluster"]["Condition"] == {"StringEquals": {f"aws:ResourceTag/{tag}": "true"}}


def test_airflow_runs_the_two_jobs_and_the_crawler_and_no_other(deployed: Both) -> None:
    granted = role_statements(deployed.airflow, "AirflowRole")
    names = [resource["Fn::Join"][1][-1] for resource in granted["RunJobs"]["Resource"]]
    outputs = [deployed.main.template["Outputs"][name["Fn::GetStackOutput"]["OutputName"]] for name in names]
    assert [output["Value"]["Ref"][:8] for output in outputs] == ["CleanJob", "ProcessJ"]
    (crawler,) = deployed.airflow.of_type("AWS::Glue::Crawler")
    assert granted["RunCrawler"]["Resource"]["Fn::Join"][1][-1] == {"Ref": crawler}


def test_airflow_hands_on_the_role_of_the_job_and_to_emr_alone(
    stack: Synthesized, cluster: Synthesized
) -> None:
    for template, expected in (
        (stack, {"ReportRole": "emr-serverless.amazonaws.com"}),
        (
            cluster,
            {
                "ReportServiceRole": "elasticmapreduce.amazonaws.com",
                "ReportNodeRole": "ec2.amazonaws.com",
            },
        ),
    ):
        passed = {
            statement["Resource"]["Fn::GetAtt"][0][:-8]: statement["Condition"]["StringEquals"][
                "iam:PassedToService"
            ]
            for id_, statement in statements(template)
            if statement["Action"] == "iam:PassRole" and id_.startswith("AirflowRole")
        }
        assert passed == expected


def test_airflow_reads_no_data_and_sends_no_segment(stack: Synthesized) -> None:
    granted = {
        action
        for id_, statement in statements(stack)
        if id_.startswith("AirflowRole")
        for action in as_list(statement["Action"])
    }
    assert not {
        action for action in granted if action.startswith(("xray:", "s3:Get", "s3:Put", "dynamodb:"))
    } - {"s3:GetAccountPublicAccessBlock"}


def test_its_key_is_ours_or_any_that_is_not_of_this_account(stack: Synthesized, bare: Both) -> None:
    ours = role_statements(stack, "AirflowRole")["UseKey"]
    assert "Fn::GetStackOutput" in ours["Resource"]
    foreign = role_statements(bare.airflow, "AirflowRole")["UseKey"]
    assert "Resource" not in foreign
    assert foreign["NotResource"]["Fn::Join"][1][-1] == ":key/*"
    (via,) = as_list(foreign["Condition"]["StringEquals"]["kms:ViaService"])
    assert via["Fn::Join"][1] == ["sqs.", {"Ref": "AWS::Region"}, ".amazonaws.com"]


def test_only_the_function_writes_into_the_dag_bucket(stack: Synthesized) -> None:
    (policy,) = [
        p["PolicyDocument"]
        for id_, p in stack.of_type("AWS::S3::BucketPolicy").items()
        if id_.startswith("Dags")
    ]
    writers = {
        statement["Principal"]["AWS"]["Fn::GetAtt"][0][:-8]
        for statement in policy["Statement"]
        if statement["Effect"] == "Allow" and "s3:PutObject" in as_list(statement["Action"])
    }
    assert writers == {"DagsRole"}
