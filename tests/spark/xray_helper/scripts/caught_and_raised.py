import sys

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
try:
    spark.read.parquet(f"{sys.argv[1]}/nowhere")  # -> read.parquet !
except Exception as error:
    print("nothing there yet:", type(error).__name__)
    spark.range(5).write.parquet(f"{sys.argv[1]}/nowhere")  # -> write.parquet; ~ range executed
spark.range(5).write.parquet(f"{sys.argv[1]}/nowhere")  # -> write.parquet !; ~ range unknown
