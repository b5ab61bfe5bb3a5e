# SPDX-License-Identifier: Apache-2.0
"""Log groups that go when the stack goes."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
import aws_cdk.aws_iam as iam
import aws_cdk.aws_kms as kms
import aws_cdk.aws_logs as logs
from constructs import Construct


class OwnedLogGroup(logs.LogGroup):
    """A log group with a retention, and with our key where there is one, deleted with the stack.

    Services create the group they log to when it is missing, and nobody deletes that one. So each group is
    declared here, and the writers get no ``logs:CreateLogGroup``: a late line cannot bring the group back.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        key: kms.IKey | None = None,
        retention_days: int = 30,
        name: str | None = None,
    ) -> None:
        super().__init__(
            scope,
            id_,
            encryption_key=key,
            log_group_name=name,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        resource = self.node.default_child
        assert isinstance(resource, logs.CfnLogGroup)  # noqa: S101 - for the type checker
        resource.retention_in_days = retention_days

    def write_statement(self) -> iam.PolicyStatement:
        """Return what a role needs in order to write here, and no more."""
        return write_statement([self])


def write_statement(groups: Sequence[logs.ILogGroup], *more_actions: str) -> iam.PolicyStatement:
    """Return one statement that lets a role write to some log groups."""
    return iam.PolicyStatement(
        sid="WriteLogs",
        actions=["logs:CreateLogStream", "logs:PutLogEvents", *more_actions],
        resources=[group.log_group_arn for group in groups],
    )
