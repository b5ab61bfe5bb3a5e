# SPDX-License-Identifier: Apache-2.0
"""A small job that touches what jobs touch, so that the class archive holds it."""

import sys
from pathlib import Path

from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as f
from pyspark.sql.types import StringType, StructField, StructType

directory = Path(sys.argv[1])
(directory / "in.csv").write_text(
    "id,name,price,day\n" + "".join(f'{n},"a {n % 7}",$1.{n},2024-01-02\n' for n in range(50))
)
(directory / "in.jsonl").write_text("".join(f'{{"id": {n}, "text": "x"}}\n' for n in range(50)))
spark = SparkSession.builder.getOrCreate()
schema = StructType([StructField(name, StringType()) for name in ("id", "name", "price", "day")])
rows = (
    spark.read.option("header", True)
    .option("multiLine", True)
    .schema(schema)
    .csv((directory / "in.csv").as_uri())
)
lines = spark.read.json((directory / "in.jsonl").as_uri())
lines = lines.union(spark.read.schema(lines.schema).json((directory / "in.jsonl").as_uri()))
spark.sparkContext.binaryFiles((directory / "in.csv").as_uri()).count()
clean = (
    rows.withColumn("id", f.col("id").cast("long"))
    .withColumn("price", f.regexp_replace("price", r"[$,]", "").cast("decimal(12,2)"))
    .withColumn("day", f.to_date("day"))
    .withColumn("reason", f.when(f.col("price") > 100, f.lit("high")))
    .withColumn("first", f.row_number().over(Window.partitionBy("name").orderBy("id")))
    .join(lines.groupBy("id").agg(f.count("*").alias("n"), f.max("text")), "id", "left")
)
clean.cache()
clean.agg(f.expr("percentile(id, 0.5)"), f.sum(f.when(f.col("n") > 1, 1)), f.collect_set("name")).collect()
clean.repartition(2).sortWithinPartitions("id").write.mode("overwrite").parquet((directory / "out").as_uri())
clean.where("reason is null").write.mode("overwrite").json((directory / "rejected").as_uri())
again = spark.read.parquet((directory / "out").as_uri())
ranks = (
    again.select("price").distinct().withColumn("rank", f.dense_rank().over(Window.orderBy(f.desc("price"))))
)
again.join(f.broadcast(ranks), "price").groupBy("name").agg(f.avg("price"), f.max("rank")).orderBy(
    "name"
).collect()
again.rdd.map(lambda row: row[0]).take(1)
clean.unpersist()
spark.stop()
