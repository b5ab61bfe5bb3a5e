# SPDX-License-Identifier: Apache-2.0
"""Who may assume a role: a service, and only when it works for this account."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import aws_cdk.aws_iam as iam
from constructs import Construct

# Services that say for whom they work when they assume a role, each with the page that says so. A condition
# on a key that is not sent refuses; no page says for lambda, glue jobs and ec2 that it is sent.
SENDS_SOURCE_ACCOUNT = {
    "airflow": "https://docs.aws.amazon.com/mwaa/latest/userguide/cross-service-confused-deputy-prevention.html",
    "airflow-env": "https://docs.aws.amazon.com/mwaa/latest/userguide/cross-service-confused-deputy-prevention.html",
    "ecs-tasks": "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html",
    "elasticmapreduce": "https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-iam-role.html",
    "emr-serverless": "https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/security-iam-runtime-role.html",
    "states": "https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html",
}


def service(scope: Construct, name: str, *, source_arn: str | None = None) -> iam.ServicePrincipal:
    """Return a service as the principal of a role's trust, bound to this account.

    Parameters
    ----------
    name
        Its first name: ``glue`` for ``glue.amazonaws.com``.
    source_arn
        The one resource that it may work for.
    """
    conditions = for_this_account(scope, name)
    if source_arn is not None:
        conditions["ArnLike"] = {"aws:SourceArn": source_arn}
    return iam.ServicePrincipal(f"{name}.amazonaws.com", conditions=conditions)


def for_this_account(scope: Construct, name: str) -> dict[str, Any]:
    """Return the condition of a service's trust; where it need not say for whom it works, silence passes."""
    operator = "StringEquals" if name in SENDS_SOURCE_ACCOUNT else "StringEqualsIfExists"
    return {operator: {"aws:SourceAccount": cdk.Stack.of(scope).account}}
