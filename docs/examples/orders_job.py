# SPDX-License-Identifier: Apache-2.0
"""A user's own PySpark job, traced: the lines that tracing added are marked."""

import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as f

from xray_helper import step, traced_job  # added

source, target = sys.argv[1:3]
with traced_job("orders"):  # added
    spark = SparkSession.builder.getOrCreate()
    with step("Read"):  # added
        orders = spark.read.csv(source, header=True)
    with step("Total by customer"):  # added
        totals = orders.groupBy("customer").agg(f.sum("amount").alias("total"))
    with step("Write"):  # added
        totals.write.mode("overwrite").parquet(target)
