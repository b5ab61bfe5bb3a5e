# SPDX-License-Identifier: Apache-2.0
"""A PySpark job whose Python functions are traced in the workers that run them."""

import sys

import pandas as pd
from pyspark.sql import SparkSession

from xray_helper import step, traced_job, traced_pandas_udf


@traced_pandas_udf("double")  # in place of pandas_udf
def in_euro(dollars: pd.Series) -> pd.Series:
    """Convert at a fixed rate."""
    return dollars.astype("float64") * 0.5


source, target = sys.argv[1:3]
with traced_job("orders"):
    spark = SparkSession.builder.getOrCreate()
    with step("Convert"):
        orders = spark.read.csv(source, header=True).withColumn("euro", in_euro("amount"))
    with step("Write"):
        orders.write.mode("overwrite").parquet(target)
