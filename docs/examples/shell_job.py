# SPDX-License-Identifier: Apache-2.0
"""A Python shell job, or any script, traced: three lines, no Spark, no collector."""

import sys

import boto3

from xray_helper import Settings, step, traced_job  # added

bucket, keys = sys.argv[1], sys.argv[2:]
with traced_job(settings=Settings(job_name="inventory", aws_calls=True)):  # added
    s3 = boto3.client("s3")
    with step("Measure"):  # added
        sizes = {key: s3.head_object(Bucket=bucket, Key=key)["ContentLength"] for key in keys}
    print(sum(sizes.values()))
