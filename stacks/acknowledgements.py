# SPDX-License-Identifier: Apache-2.0
"""What cdk-nag's AwsSolutions rules find and we keep, each finding with its reason."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk

from stacks.settings import Settings

AUTHORIZATION = "https://docs.aws.amazon.com/service-authorization/latest/reference"


def acknowledged(stack: cdk.Stack, settings: Settings) -> dict[str, str]:
    """Return finding id -> reason, for what a deployment's choices leave open and nothing else.

    Each id is one finding; what is not listed here fails the synth.
    """
    settings = settings.consistent()
    network = {} if settings.collector == "none" else _with_collector(stack)
    return {**_always(), **network, **_chosen(settings)}


def _always() -> dict[str, str]:
    return {
        "AwsSolutions-IAM5[Resource::*]": (
            "X-Ray, the Describe calls of EC2 and the log delivery of Step Functions know no resources; the "
            f"table in docs/security.md lists every action. {AUTHORIZATION}/list_awsx-ray.html"
        ),
        "AwsSolutions-GL1": (
            "The jobs' log groups have the customer key already. A security configuration would make Glue "
            "call KMS from the jobs' subnet, which has no way there. "
            "https://docs.aws.amazon.com/glue/latest/dg/encryption-security-configuration.html"
        ),
        "AwsSolutions-GL3": (
            "The jobs keep no bookmarks (--job-bookmark-option job-bookmark-disable). "
            "https://docs.aws.amazon.com/glue/latest/dg/monitor-continuations.html"
        ),
    }


def _with_collector(stack: cdk.Stack) -> dict[str, str]:
    interfaces = stack.format_arn(service="ec2", resource="network-interface", resource_name="*")
    return {
        "AwsSolutions-ECS2": (
            "The variables of the collector's container are its configuration file, which is public, and "
            "two names; none is a secret, and a change of them is a new task definition and rolls the "
            "tasks. https://aws-otel.github.io/docs/setup/ecs"
        ),
        f"AwsSolutions-IAM5[Resource::{as_nag_shows_it(interfaces, stack)}]": (
            "Glue makes a network interface for each worker, whose id nobody knows before. "
            f"{AUTHORIZATION}/list_amazonec2.html"
        ),
    }


def _chosen(settings: Settings) -> dict[str, str]:
    """Return what a deployment leaves out by its context values."""
    chosen = {}
    collector = settings.collector != "none"
    if collector and settings.container_insights == "disabled":
        chosen["AwsSolutions-ECS4"] = (
            "Container Insights bills about 25 custom metrics for two idle tasks, more than the tasks "
            "themselves; -c container_insights=enabled turns it on. https://aws.amazon.com/cloudwatch/pricing/"
        )
    if settings.access_logs == "disabled":
        chosen["AwsSolutions-S1"] = (
            "access_logs=disabled was chosen for this deployment. "
            "https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html"
        )
    if collector and settings.flow_logs == "disabled":
        chosen["AwsSolutions-VPC7"] = (
            "flow_logs=disabled was chosen for this deployment. "
            "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html"
        )
    return chosen


def acknowledge(stack: cdk.Stack, findings: Mapping[str, str]) -> None:
    """Acknowledge findings, id -> reason, for everything in a stack."""
    for finding, reason in findings.items():
        cdk.Validations.of(stack).acknowledge(cdk.Acknowledgment(id=finding, reason=reason))


def as_nag_shows_it(arn: str, stack: cdk.Stack) -> str:
    """Return an ARN with ``<AWS::Region>`` or ``<Bucket.Arn>`` for what is known at deployment only."""
    return _flat(stack.resolve(arn))


def _flat(value: Any) -> str:
    match value:
        case str():
            return value
        case {"Ref": name}:
            return f"<{name}>"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"<{name}.{attribute}>"
        case {"Fn::Join": ["", parts]}:
            return "".join(_flat(part) for part in parts)
    return json.dumps(value, separators=(",", ":"))
