# SPDX-License-Identifier: Apache-2.0
"""The bucket that takes access logs and VPC flow logs."""

from __future__ import annotations

import aws_cdk as cdk
import aws_cdk.aws_s3 as s3
from constructs import Construct

from stacks.private_bucket import PrivateBucket


class LogBucket(PrivateBucket):
    """Objects expire with the log retention. Who reads or deletes logs is logged too, in this same bucket.

    S3 allows that (https://docs.aws.amazon.com/AmazonS3/latest/API/API_LoggingEnabled.html). Each log file
    that is delivered then makes one more line in a later one: some small objects a day, which expire as well.
    """

    def __init__(self, scope: Construct, id_: str, *, retention_days: int, log_access: bool) -> None:
        expiry = s3.LifecycleRule(
            expiration=cdk.Duration.days(retention_days),
            noncurrent_version_expiration=cdk.Duration.days(1),
            abort_incomplete_multipart_upload_after=cdk.Duration.days(1),
        )
        prefix = "access/logs/" if log_access else None
        super().__init__(scope, id_, lifecycle_rules=[expiry], access_logs_prefix=prefix)
