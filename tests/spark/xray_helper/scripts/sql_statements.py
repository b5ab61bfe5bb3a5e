from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.range(50).createOrReplaceTempView("numbers")  # -> createOrReplaceTempView; ~ range executed
spark.sql("DROP TABLE IF EXISTS evens")  # -> sql
spark.sql("CREATE TABLE evens USING parquet AS SELECT id FROM numbers WHERE id % 2 = 0")  # -> sql
top = spark.sql("SELECT max(id) AS top FROM evens")  # -> sql; ~ sql executed!
print(top.first()["top"])  # -> first
spark.sql("DROP TABLE evens")  # -> sql
