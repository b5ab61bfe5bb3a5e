import sys
from abc import ABC, abstractmethod

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.window import Window


class Step(ABC):
    @abstractmethod
    def run(self, frame: DataFrame) -> DataFrame: ...


class Deduplicate(Step):
    def run(self, frame):
        latest = Window.partitionBy("id").orderBy(F.desc("day"))
        return frame.withColumn("n", F.row_number().over(latest)).where("n = 1").drop("n")  # ~ withColumn.where.drop executed!


class Reject(Step):
    def run(self, frame):
        bad = frame.where(F.col("price").isNull())  # ~ where executed
        if bad.head(1):  # -> head
            bad.write.mode("overwrite").json(f"{OUTPUT}/rejected")  # -> write.json
        return frame.where(F.col("price").isNotNull())  # ~ where executed!


class Pipeline:
    def __init__(self, *steps):
        self.steps = steps

    def __call__(self, frame):
        for step in self.steps:
            frame = step.run(frame)
        return frame


OUTPUT = sys.argv[1]
spark = SparkSession.builder.getOrCreate()
raw = spark.range(100).selectExpr(  # ~ range.selectExpr executed!
    "id % 40 AS id", "id AS day", "CASE WHEN id % 10 = 0 THEN NULL ELSE id END AS price"
)
clean = Pipeline(Deduplicate(), Reject())(raw)
clean.write.mode("overwrite").parquet(f"{OUTPUT}/clean")  # -> write.parquet
