import sys

import pandas as pd
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType, StringType

RATE = 0.5


@F.udf(StringType())
def shout(text):
    return text.upper()


@F.pandas_udf(DoubleType())
def in_euro(dollars: pd.Series) -> pd.Series:
    return dollars * RATE


def per_group(frame):
    return frame.assign(total=frame["price"].sum())


spark = SparkSession.builder.getOrCreate()
frame = spark.range(20).selectExpr("concat('t', id % 3) AS town", "CAST(id AS DOUBLE) AS price")  # ~ range.selectExpr executed!
frame = frame.withColumn("town", shout("town")).withColumn("euro", in_euro("price"))  # ~ withColumn executed!
grouped = frame.groupBy("town").applyInPandas(per_group, "town string, price double, euro double, total double")  # ~ groupBy.applyInPandas executed!
grouped.write.mode("overwrite").parquet(f"{sys.argv[1]}/out")  # -> write.parquet
