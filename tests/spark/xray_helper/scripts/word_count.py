from operator import add

from pyspark.sql import SparkSession

spark = SparkSession.builder.appName("PythonWordCount").getOrCreate()
lines = spark.sparkContext.parallelize(["a b a", "b c"], 2)
counts = lines.flatMap(lambda line: line.split(" ")).map(lambda word: (word, 1)).reduceByKey(add)
ordered = counts.sortBy(lambda pair: pair[1])  # -> rdd.sortBy
for word, count in ordered.collect():  # -> rdd.collect
    print(f"{word}: {count}")
