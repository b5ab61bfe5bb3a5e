import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

spark = SparkSession.builder.getOrCreate()
sales = spark.range(100).select(  # ~ range.select executed!
    (F.col("id") % 4).alias("town"), (F.col("id") % 3).alias("kind"), F.col("id").alias("price")
)
wide = sales.groupBy("town").pivot("kind").sum("price")  # -> groupBy.pivot; ~ groupBy.sum executed
towns = spark.range(4).withColumnRenamed("id", "town")  # ~ range.withColumnRenamed executed
joined = wide.join(F.broadcast(towns), "town")  # ~ broadcast.join executed
joined.write.mode("overwrite").orc(f"{sys.argv[1]}/wide")  # -> write.orc
