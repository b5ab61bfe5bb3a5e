# SPDX-License-Identifier: Apache-2.0
"""Scripts of Glue jobs as people write them, without a word of tracing."""

from __future__ import annotations

SPARK = """
import sys

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql.functions import udf

args = getResolvedOptions(sys.argv, ["JOB_NAME", "bucket"])
glue_context = GlueContext(SparkContext.getOrCreate())
spark = glue_context.spark_session
job = Job(glue_context)
job.init(args["JOB_NAME"], args)


@udf("string")
def shout(word):
    return word.upper()


orders = spark.read.csv(f"s3://{args['bucket']}/orders.csv", header=True)
orders = orders.withColumn("customer", shout("customer"))
orders.groupBy("customer").count().write.parquet(f"s3://{args['bucket']}/totals/")
job.commit()
print("words", sys.argv[1:])
""".lstrip()

SHELL = """
import sys

import boto3
from awsglue.utils import getResolvedOptions

args = getResolvedOptions(sys.argv, ["bucket"])
size = boto3.client("s3").head_object(Bucket=args["bucket"], Key="orders.csv")["ContentLength"]
print("python", sys.version_info[:2], "size", size)
if "--fail" in sys.argv:
    raise ValueError("no orders today")
""".lstrip()


def line_of(script: str, text: str) -> int:
    """Return the number of the one line that has this text."""
    [number] = [number for number, line in enumerate(script.splitlines(), 1) if text in line]
    return number
