import sys
from concurrent.futures import ThreadPoolExecutor

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()


def write(number):
    spark.range(number).write.mode("overwrite").parquet(f"{sys.argv[1]}/{number}")  # -> write.parquet x3; ~ range executed


with ThreadPoolExecutor(3) as pool:
    list(pool.map(write, [1, 2, 3]))
