# SPDX-License-Identifier: Apache-2.0
"""Findings of cdk-nag's AwsSolutions rules that the Airflow stack keeps, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping

import aws_cdk as cdk

from stacks.acknowledgements import AUTHORIZATION, as_nag_shows_it
from stacks.settings import Settings
from with_airflow.stacks.report_cluster import POLICY


def acknowledged(stack: cdk.Stack, settings: Settings, open_resources: Mapping[str, str]) -> dict[str, str]:
    """Return finding id -> reason, for what this deployment leaves open and nothing else.

    Parameters
    ----------
    open_resources
        Resources that the roles of the stack name with a wildcard -> why.
    """
    return {
        "AwsSolutions-IAM5[Resource::*]": (
            "X-Ray, cloudwatch:PutMetricData, logs:DescribeLogGroups, s3:GetAccountPublicAccessBlock and "
            "glue:GetSecurityConfiguration know no resources; docs/airflow.md lists every action. "
            f"{AUTHORIZATION}/list_awsx-ray.html"
        ),
        **{
            f"AwsSolutions-IAM5[Resource::{as_nag_shows_it(arn, stack)}]": reason
            for arn, reason in open_resources.items()
        },
        **_chosen(settings),
    }


def _chosen(settings: Settings) -> dict[str, str]:
    """Return the findings that the context values of a deployment cause."""
    chosen = {}
    if settings.emr == "cluster":
        chosen[f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{POLICY}]"] = (
            "EMR's own policy for its service role, which works on what has its tag and nothing else. "
            "https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-managed-iam-policies.html"
        )
    if settings.customer_key == "none":
        chosen["AwsSolutions-GL1"] = (
            "customer_key=none: CloudWatch Logs encrypts every log group at rest with a key of its own. "
            "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"
        )
    if settings.access_logs == "disabled":
        chosen["AwsSolutions-S1"] = (
            "access_logs=disabled was chosen for this deployment. "
            "https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html"
        )
    return chosen
