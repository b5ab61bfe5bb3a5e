# SPDX-License-Identifier: Apache-2.0
"""What every bucket of the deployment is."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
import aws_cdk.aws_iam as iam
import aws_cdk.aws_s3 as s3
from constructs import Construct


class PrivateBucket(s3.Bucket):
    """Encrypted, versioned, TLS only, closed to the public and to other accounts, emptied on destroy."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        lifecycle_rules: Sequence[s3.LifecycleRule],
        access_logs: s3.IBucket | None = None,
        access_logs_prefix: str | None = None,
    ) -> None:
        super().__init__(
            scope,
            id_,
            encryption=s3.BucketEncryption.S3_MANAGED,  # a customer key would be billed for each object
            enforce_ssl=True,
            minimum_tls_version=1.2,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            versioned=True,
            removal_policy=cdk.RemovalPolicy.DESTROY,
            auto_delete_objects=True,
            server_access_logs_bucket=access_logs,
            server_access_logs_prefix=access_logs_prefix,  # alone it means: into this bucket itself
            lifecycle_rules=lifecycle_rules,
        )
        self._deny_other_accounts()

    def _deny_other_accounts(self) -> None:
        """Even a mistaken grant opens the bucket to nobody outside the account but AWS services."""
        self.add_to_resource_policy(
            iam.PolicyStatement(
                sid="OtherAccounts",
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=["s3:*"],
                resources=[self.bucket_arn, self.arn_for_objects("*")],
                conditions={
                    "StringNotEquals": {"aws:PrincipalAccount": cdk.Stack.of(self).account},
                    "Bool": {"aws:PrincipalIsAWSService": "false"},
                },
            )
        )
