import sys

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import GlueArgumentError, getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql.functions import col


class GluePythonSample:
    def __init__(self):
        params = ["input"]
        if "--JOB_NAME" in sys.argv:
            params.append("JOB_NAME")
        args = getResolvedOptions(sys.argv, params)
        self.path = args["input"]
        self.context = GlueContext(SparkContext.getOrCreate())
        self.job = Job(self.context)
        self.job.init(args.get("JOB_NAME", "test"), args)

    def run(self):
        dyf = self.context.create_dynamic_frame.from_options("s3", {"paths": [self.path]}, format="csv", format_options={"withHeader": True})  # -> create_dynamic_frame.from_options
        dyf.printSchema()  # -> printSchema
        resolved = dyf.resolveChoice(specs=[("price", "cast:double")])  # ~ resolveChoice inlined
        frame = resolved.toDF()  # ~ toDF executed
        expensive = frame.where(col("price") > 400)  # ~ where executed!
        print(expensive.count())  # -> count
        self.job.commit()


if __name__ == "__main__":
    try:
        getResolvedOptions(sys.argv, ["day"])
    except GlueArgumentError as error:
        print("no day:", error)
    GluePythonSample().run()
