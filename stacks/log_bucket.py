# SPDX-License-Identifier: Apache-2.0
"""The bucket that takes access logs and VPC flow logs."""

from __future__ import annotations

import aws_cdk as cdk
import aws_cdk.aws_s3 as s3
from constructs import Construct

from stacks.private_bucket import PrivateBucket


class LogBucket(PrivateBucket):
    """Objects expire with the log retention. No access logs of its own: they would be an endless loop."""

    def __init__(self, scope: Construct, id_: str, *, retention_days: int) -> None:
        expiry = s3.LifecycleRule(
            expiration=cdk.Duration.days(retention_days),
            noncurrent_version_expiration=cdk.Duration.days(1),
            abort_incomplete_multipart_upload_after=cdk.Duration.days(1),
        )
        super().__init__(scope, id_, lifecycle_rules=[expiry])
