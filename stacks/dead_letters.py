# SPDX-License-Identifier: Apache-2.0
"""Where events end that a function could not handle."""

from __future__ import annotations

import aws_cdk as cdk
import aws_cdk.aws_iam as iam
import aws_cdk.aws_kms as kms
import aws_cdk.aws_sqs as sqs
from constructs import Construct


class DeadLetterQueue(sqs.Queue):
    """An encrypted queue, TLS only, that keeps a failed event whole for two weeks."""

    def __init__(self, scope: Construct, id_: str, *, key: kms.IKey | None) -> None:
        super().__init__(
            scope,
            id_,
            encryption=sqs.QueueEncryption.SQS_MANAGED if key is None else sqs.QueueEncryption.KMS,
            encryption_master_key=key,
            enforce_ssl=True,
            retention_period=cdk.Duration.days(14),  # the longest SQS keeps a message
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        self._key = key

    def send_statements(self) -> list[iam.PolicyStatement]:
        """Return what a function's role needs so that Lambda can put its failed events here.

        Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
        """
        send = iam.PolicyStatement(
            sid="KeepFailedEvents", actions=["sqs:SendMessage"], resources=[self.queue_arn]
        )
        if self._key is None:
            return [send]
        region = cdk.Stack.of(self).region
        encrypt = iam.PolicyStatement(
            sid="EncryptFailedEvents",
            actions=["kms:Decrypt", "kms:GenerateDataKey"],
            resources=[self._key.key_arn],
            conditions={"StringEquals": {"kms:ViaService": f"sqs.{region}.amazonaws.com"}},
        )
        return [send, encrypt]
