import sys

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
rows = spark.range(7).count()  # -> count; ~ range executed
sys.exit(0 if rows == 8 else 3)
