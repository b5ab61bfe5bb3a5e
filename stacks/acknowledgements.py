# SPDX-License-Identifier: Apache-2.0
"""What cdk-nag's AwsSolutions rules find and we keep, each finding with its reason."""

from __future__ import annotations

import aws_cdk as cdk

AUTHORIZATION = "https://docs.aws.amazon.com/service-authorization/latest/reference"


def acknowledged(stack: cdk.Stack) -> dict[str, str]:
    """Finding id -> reason. Each id is one finding; what is not listed here fails the synth."""
    interfaces = stack.format_arn(service="ec2", resource="network-interface", resource_name="*")
    return {
        "AwsSolutions-ECS2": (
            "The one variable of the collector's container is its configuration file, which is public and "
            "holds no secret; as a variable, a change of the file is a new task definition and rolls the "
            "tasks. https://aws-otel.github.io/docs/setup/ecs"
        ),
        "AwsSolutions-ECS4": (
            "Container Insights bills about 25 custom metrics for two idle tasks, more than the tasks "
            "themselves; -c container_insights=enabled turns it on. https://aws.amazon.com/cloudwatch/pricing/"
        ),
        "AwsSolutions-IAM5[Resource::*]": (
            "X-Ray, the Describe calls of EC2 that Glue makes, glue:GetSecurityConfiguration and the log "
            "delivery of Step Functions know no resources; tests/infrastructure/test_permissions.py lists "
            f"every action. {AUTHORIZATION}/list_awsx-ray.html"
        ),
        f"AwsSolutions-IAM5[Resource::{_as_nag_shows_it(interfaces, stack)}]": (
            "Glue makes a network interface for each worker, whose id nobody knows before. "
            f"{AUTHORIZATION}/list_amazonec2.html"
        ),
    }


def acknowledge(stack: cdk.Stack) -> None:
    """Acknowledge the findings above for everything in a stack."""
    for finding, reason in acknowledged(stack).items():
        cdk.Validations.of(stack).acknowledge(cdk.Acknowledgment(id=finding, reason=reason))


def _as_nag_shows_it(arn: str, stack: cdk.Stack) -> str:
    """An ARN with ``<AWS::Region>`` for each part that is known at deployment only."""
    for name, value in {
        "Partition": stack.partition,
        "Region": stack.region,
        "AccountId": stack.account,
    }.items():
        if cdk.Token.is_unresolved(value):
            arn = arn.replace(value, f"<AWS::{name}>")
    return arn
