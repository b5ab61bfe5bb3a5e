# SPDX-License-Identifier: Apache-2.0
"""An ordinary Glue job, without a line of tracing."""

import sys

from pyspark.context import SparkContext
from pyspark.sql import functions as f

from awsglue.context import GlueContext
from awsglue.utils import getResolvedOptions

arguments = getResolvedOptions(sys.argv, ["JOB_NAME", "customers"])
spark = GlueContext(SparkContext.getOrCreate()).spark_session
orders = spark.range(10_000).select((f.col("id") % int(arguments["customers"])).alias("customer"), "id")
totals = orders.groupBy("customer").agg(f.sum("id").alias("total"))
print(totals.count(), "customers")
totals.orderBy(f.desc("total")).show(3)
