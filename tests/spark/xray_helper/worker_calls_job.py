# SPDX-License-Identifier: Apache-2.0
"""A job whose workers call S3; prints its spans. Run by ``test_aws_calls``."""

from __future__ import annotations

import json
from typing import Any

from pyspark.sql import SparkSession

from tests.spark.xray_helper.recording import recorded_job
from tests.unit.xray_helper.s3_server import s3_client, s3_server
from xray_helper import traced_udf

if __name__ == "__main__":
    session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    spans: list[dict[str, Any]] = []
    with s3_server() as url, recorded_job(spans, aws_calls=True) as job, job.step("Look"):

        @traced_udf("int")
        def look(number: int) -> int:
            client = s3_client(url)
            return int(
                client.head_object(Bucket="places", Key=str(number))["ResponseMetadata"]["HTTPStatusCode"]
            )

        session.range(0, 60, 1, 2).select(look("id")).write.format("noop").mode("overwrite").save()
    session.stop()
    print(json.dumps(spans))
