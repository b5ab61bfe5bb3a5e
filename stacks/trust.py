# SPDX-License-Identifier: Apache-2.0
"""Who may assume a role: a service, and only when it works for this account."""

from __future__ import annotations

import aws_cdk as cdk
import aws_cdk.aws_iam as iam
from constructs import Construct

# Services that say for whom they work when they assume a role, each with the page that says so. Not among
# them: lambda and ec2, whose pages name no such key, and whose roles nobody can pass across accounts.
SENDS_SOURCE_ACCOUNT = {
    "airflow": "https://docs.aws.amazon.com/mwaa/latest/userguide/cross-service-confused-deputy-prevention.html",
    "airflow-env": "https://docs.aws.amazon.com/mwaa/latest/userguide/cross-service-confused-deputy-prevention.html",
    "ecs-tasks": "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html",
    "elasticmapreduce": "https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-iam-role.html",
    "emr-serverless": "https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/security-iam-runtime-role.html",
    "glue": "https://docs.aws.amazon.com/glue/latest/dg/cross-service-confused-deputy-prevention.html",
    "states": "https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html",
}


def service(scope: Construct, name: str, *, source_arn: str | None = None) -> iam.ServicePrincipal:
    """Return a service as the principal of a role's trust, bound to this account.

    Parameters
    ----------
    name
        Its first name: ``glue`` for ``glue.amazonaws.com``.
    source_arn
        The one resource, or pattern of resources, that it may work for.

    Raises
    ------
    KeyError
        When the service does not say for whom it works: the role could never be assumed.
    """
    SENDS_SOURCE_ACCOUNT[name]
    conditions = {"StringEquals": {"aws:SourceAccount": cdk.Stack.of(scope).account}}
    if source_arn is not None:
        conditions["ArnLike"] = {"aws:SourceArn": source_arn}
    return iam.ServicePrincipal(f"{name}.amazonaws.com", conditions=conditions)
