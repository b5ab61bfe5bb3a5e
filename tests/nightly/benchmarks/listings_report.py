# SPDX-License-Identifier: Apache-2.0
"""A script as people write them, without a line of tracing: what `zero_code` runs. Arguments: CSV, folder."""

import sys

from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as f

source, target = sys.argv[1:3]
spark = SparkSession.builder.getOrCreate()
raw = spark.read.csv(source, header=True, multiLine=True, escape='"')
raw = raw.toDF(*[name.strip().lower().replace(" ", "_") for name in raw.columns])
listings = raw.select("id", "neighbourhood_group", "room_type", "price", "minimum_nights", "last_review")
listings = (
    listings.withColumn("price", f.regexp_replace("price", "[^0-9.]", "").cast("double"))
    .withColumn("nights", f.col("minimum_nights").cast("int"))
    .where("price > 0 AND nights BETWEEN 1 AND 365")
    .dropDuplicates(["id"])
    .withColumn("spend", f.col("price") * f.col("nights"))
    .withColumn("not_used", f.sha2("id", 256))
    .drop("minimum_nights")
)
for name in ("neighbourhood_group", "room_type"):
    listings = listings.withColumn(name, f.initcap(f.trim(name)))
    listings = listings.fillna({name: "Unknown"})
by_price = Window.partitionBy("neighbourhood_group").orderBy(f.desc("price"))
ranked = listings.withColumn("rank", f.dense_rank().over(by_price)).drop("not_used")
ranked.write.mode("overwrite").parquet(f"{target}/ranked")
written = spark.read.parquet(f"{target}/ranked")
totals = written.groupBy("neighbourhood_group", "room_type").agg(
    f.count("id").alias("listings"), f.avg("price").alias("mean_price"), f.max("spend").alias("highest")
)
large = totals.where("listings > 10").orderBy(f.desc("mean_price"))
large.coalesce(1).write.mode("overwrite").csv(f"{target}/totals", header=True)
print(written.where("rank = 1").count(), "at the top")
