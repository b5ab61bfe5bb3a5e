import sys

from awsglue import DynamicFrame
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext


def sparkSqlQuery(glueContext, query, mapping, transformation_ctx) -> DynamicFrame:
    for alias, frame in mapping.items():
        frame.toDF().createOrReplaceTempView(alias)  # -> createOrReplaceTempView; ~ toDF executed
    result = spark.sql(query)  # -> sql; ~ sql executed
    return DynamicFrame.fromDF(result, glueContext, transformation_ctx)


args = getResolvedOptions(sys.argv, ["JOB_NAME", "input", "output"])
sc = SparkContext.getOrCreate()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args["JOB_NAME"], args)

source = glueContext.create_dynamic_frame_from_options(connection_type="s3", connection_options={"paths": [args["input"]]}, format="csv", format_options={"withHeader": True})  # -> create_dynamic_frame_from_options
query = sparkSqlQuery(glueContext, query="select town, max(price) as highest from myDataSource group by town", mapping={"myDataSource": source}, transformation_ctx="SQL")
glueContext.write_dynamic_frame_from_options(frame=query, connection_type="s3", connection_options={"path": args["output"]}, format="json")  # -> write_dynamic_frame_from_options
job.commit()
