# SPDX-License-Identifier: Apache-2.0
"""CDK's own handler that empties buckets on destroy, made to leave nothing behind itself."""

from __future__ import annotations

import aws_cdk as cdk
import aws_cdk.aws_kms as kms
from constructs import Construct

from glue_tracing.log_group import OwnedLogGroup
from glue_tracing.trust import for_this_account
from stacks.dead_letters import DeadLetterQueue

PROVIDER = "Custom::S3AutoDeleteObjectsCustomResourceProvider"


class OwnedEmptying(Construct):
    """Gives the handler a log group of the stack, a dead-letter queue, and a role for these two alone.

    CDK gives it none, and its group stays after destroy: https://github.com/aws/aws-cdk/issues/24815. The
    bucket's custom resource needs the handler, the handler names the group, so CloudFormation deletes the
    group last; and without ``logs:CreateLogGroup`` the handler's late lines cannot create it anew.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        key: kms.IKey | None,
        dead_letters: DeadLetterQueue,
        retention_days: int,
    ) -> None:
        super().__init__(scope, id_)
        provider = cdk.Stack.of(self).node.find_child(PROVIDER)
        role, handler = provider.node.find_child("Role"), provider.node.find_child("Handler")
        assert isinstance(role, cdk.CfnResource)  # noqa: S101 - for the type checker
        assert isinstance(handler, cdk.CfnResource)  # noqa: S101 - for the type checker
        group = OwnedLogGroup(self, "Logs", key=key, retention_days=retention_days)
        handler.add_property_override("LoggingConfig", {"LogGroup": group.log_group_name})
        role.add_property_override("ManagedPolicyArns", [])
        trust = "AssumeRolePolicyDocument.Statement.0.Condition"
        role.add_property_override(trust, for_this_account(self, "lambda"))
        handler.add_property_override("DeadLetterConfig", {"TargetArn": dead_letters.queue_arn})
        statements = [group.write_statement(), *dead_letters.send_statements()]
        document = {"Version": "2012-10-17", "Statement": [s.to_statement_json() for s in statements]}
        role.add_property_override(
            "Policies", [{"PolicyName": "LogsAndFailures", "PolicyDocument": document}]
        )
