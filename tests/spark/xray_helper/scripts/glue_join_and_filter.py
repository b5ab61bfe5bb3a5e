import sys

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue.transforms import Filter, Join, SelectFields
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import functions as F


def read(glue, path):
    return glue.create_dynamic_frame.from_options("file", {"paths": [path]}, "csv", {"withHeader": True})  # -> create_dynamic_frame.from_options


def main():
    args = getResolvedOptions(sys.argv, ["JOB_NAME", "input", "output"])
    glue = GlueContext(SparkContext.getOrCreate())
    job = Job(glue)
    job.init(args["JOB_NAME"], args)
    rows = read(glue, args["input"])
    towns = rows.toDF().groupBy("town").agg(F.count("id").alias("rows"))  # ~ toDF.groupBy.agg executed
    large = Filter.apply(frame=DynamicFrame.fromDF(towns, glue, "towns"), f=lambda row: row["rows"] > 100)  # -> rdd.fold, createDataFrame; ~ filter executed
    joined = Join.apply(SelectFields.apply(rows, ["id", "town", "price"]), large, "town", "town")  # ~ select_fields.join executed
    frame = joined.toDF().withColumn("double", F.col("price") * 2)  # ~ toDF.withColumn executed
    frame.write.mode("overwrite").parquet(args["output"])  # -> write.parquet
    print(joined.count())  # -> count
    job.commit()


main()
