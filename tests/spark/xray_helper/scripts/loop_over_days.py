import sys

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
days = ["2026-11-01", "2026-11-02", "2026-11-03"]
for day in days:
    frame = spark.range(10).selectExpr("id", f"'{day}' AS day")  # ~ range.selectExpr executed!
    frame.write.mode("overwrite").json(f"{sys.argv[1]}/day={day}")  # -> write.json x3


def count_of(frame):
    return frame.count()  # -> count x2


print(count_of(spark.range(3)), count_of(spark.range(4)))  # ~ range executed
print([spark.range(n).count() for n in range(25)])  # -> count x20; ~ range executed
