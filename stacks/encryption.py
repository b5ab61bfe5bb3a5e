# SPDX-License-Identifier: Apache-2.0
"""The customer key of the deployment: its own, one that exists, or none."""

from __future__ import annotations

import aws_cdk as cdk
import aws_cdk.aws_iam as iam
import aws_cdk.aws_kms as kms
from constructs import Construct


def customer_key(stack: cdk.Stack, choice: str) -> kms.IKey | None:
    """Return the key that a deployment chose, or None.

    Parameters
    ----------
    stack
        The stack that gets the key, when it shall have its own.
    choice
        ``own``, ``none``, or the ARN of a key. That key's policy must let CloudWatch Logs use it, with the
        statement that `CustomerKey` has; nobody but its owner can add it.
    """
    if choice == "own":
        return CustomerKey(stack, "Key")
    return None if choice == "none" else kms.Key.from_key_arn(stack, "Key", choice)


class CustomerKey(kms.Key):
    """One key for logs, failed events and messages; gone a week after destroy."""

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(
            scope,
            id_,
            description="Logs, failed events and messages of the traced pipeline",
            enable_key_rotation=True,
            pending_window=cdk.Duration.days(7),  # the shortest that KMS allows
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        stack = cdk.Stack.of(self)
        log_groups = stack.format_arn(
            service="logs",
            resource="log-group",
            resource_name="*",
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
        self.add_to_resource_policy(
            iam.PolicyStatement(
                sid="LogGroupsOfThisAccount",
                principals=[iam.ServicePrincipal(f"logs.{stack.region}.{stack.url_suffix}")],
                actions=[
                    "kms:Decrypt",
                    "kms:DescribeKey",
                    "kms:Encrypt",
                    "kms:GenerateDataKey*",
                    "kms:ReEncrypt*",
                ],
                resources=["*"],  # in a key policy: this key
                conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}},
            )
        )
