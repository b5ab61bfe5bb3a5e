# SPDX-License-Identifier: Apache-2.0
"""An ordinary script, without a line of tracing: `glue-xray run docs/examples/totals.py`."""

import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as f

customers = int(sys.argv[1]) if len(sys.argv) > 1 else 7
spark = SparkSession.builder.getOrCreate()
orders = spark.range(10_000).select((f.col("id") % customers).alias("customer"), f.col("id").alias("amount"))
totals = orders.groupBy("customer").agg(f.sum("amount").alias("total"))
print(totals.count(), "customers")
totals.orderBy(f.desc("total")).show(3)
