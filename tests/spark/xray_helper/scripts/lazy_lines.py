import sys
from functools import reduce

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F


def above(frame, price):
    return frame.where(F.col("price") > price)  # ~ where executed!


spark = SparkSession.builder.getOrCreate()
raw = spark.range(200).selectExpr("id", "id % 9 AS town", "CAST(id AS DOUBLE) AS price")  # ~ range.selectExpr executed!
named = raw.withColumn("name", F.concat(F.lit("n"), F.col("town")))  # ~ withColumn inlined!
shown = named.withColumn("shown", F.upper("name")).drop("name")  # ~ withColumn.drop executed!
dead = shown.withColumn("dead", F.sha2(F.col("id").cast("string").cast("binary"), 256))  # ~ withColumn eliminated
frame = dead.drop("dead")  # ~ drop unknown
for n in range(3):
    frame = frame.withColumn(f"m{n}", F.col("price") * n)  # ~ withColumn executed!
    frame = frame.where(F.col(f"m{n}") >= 0)  # ~ where executed!
many = (
    frame.where("price < 150")  # ~ where executed!
    .withColumn("more", F.col("m1") + F.col("m2"))  # ~ withColumn executed!
    .dropDuplicates(["town", "price"])  # ~ dropDuplicates executed
)
many.write.mode("overwrite").parquet(f"{sys.argv[1]}/many")  # -> write.parquet

parts = reduce(DataFrame.unionByName, [above(frame, 20).select("town"), above(raw, 30).select("town")])  # ~ select executed
print(parts.groupBy("town").count().collect())  # -> collect; ~ groupBy.count executed

half, _ = frame.randomSplit([0.5, 0.5], 7)  # ~ randomSplit executed
print(half.toPandas().shape)  # -> toPandas

frame.where("town = 3").createOrReplaceTempView("threes")  # -> createOrReplaceTempView; ~ where executed
threes = spark.sql("SELECT price + 1 AS more, town FROM threes")  # -> sql; ~ sql executed
print(threes.where("more > 5").collect())  # -> collect; ~ where executed

# Made behind PySpark's back: nobody knows whose the filter is.
foreign = DataFrame(frame._jdf.filter("price > 100"), spark)
print(foreign.withColumn("less", F.col("price") - 1).collect())  # -> collect; ~ withColumn executed
never = frame.orderBy("price")  # ~ orderBy eliminated
spark.catalog.dropTempView("threes")

pairs = spark.createDataFrame([(1, "a"), (2, "b")], "number int, text string")  # -> createDataFrame
more = pairs.withColumn("dead", F.upper("text"))  # ~ withColumn eliminated!
print(more.groupBy("number").count().collect())  # -> collect; ~ groupBy.count executed
