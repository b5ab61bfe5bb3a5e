# SPDX-License-Identifier: Apache-2.0
"""Encrypt what Glue itself writes, for crawlers, which run outside the VPC.

The jobs have no security configuration: in a VPC it makes Glue call KMS by a route of the subnet, and theirs
has none (docs/decisions/aws-rules.md).
"""

from __future__ import annotations

import aws_cdk as cdk
import aws_cdk.aws_glue as glue
import aws_cdk.aws_kms as kms
from constructs import Construct

READ_ENCRYPTION = "glue:GetSecurityConfiguration"


def glue_encryption(scope: Construct, key: kms.IKey) -> glue.SecurityConfiguration:
    """Encrypt logs and bookmarks with a customer key; data is the bucket's part."""
    return glue.SecurityConfiguration(
        scope,
        "Encryption",
        cloud_watch_encryption=glue.CloudWatchEncryption.kms(key),
        job_bookmarks_encryption=glue.JobBookmarksEncryption.client_side_kms(key),
        s3_encryption=glue.S3Encryption.s3_managed(),
        removal_policy=cdk.RemovalPolicy.DESTROY,  # CDK's default keeps it
    )
