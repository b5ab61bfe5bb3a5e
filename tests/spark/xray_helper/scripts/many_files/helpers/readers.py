def read(spark, place):
    return spark.read.parquet(place)  # -> read.parquet
