import sys

from helpers import readers
from helpers.sinks import save
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
save(spark.range(10), f"{sys.argv[1]}/numbers")  # ~ range executed
print(readers.read(spark, f"{sys.argv[1]}/numbers").count())  # -> count
