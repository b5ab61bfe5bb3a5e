import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

spark = SparkSession.builder.getOrCreate()


@F.udf("double")
def inverse(number):
    return 1 / number


numbers = spark.range(5).withColumn("square", F.col("id") * F.col("id"))  # ~ range.withColumn executed!
inverted = numbers.withColumn("inverse", inverse("id"))  # ~ withColumn unknown
try:
    inverted.write.mode("overwrite").json(f"{sys.argv[1]}/inverted")  # -> write.json !
except Exception:
    safe = numbers.where("id > 0").withColumn("inverse", inverse("id"))  # ~ where.withColumn executed!
    safe.write.mode("overwrite").json(f"{sys.argv[1]}/inverted")  # -> write.json
raise ValueError("the first try failed")
