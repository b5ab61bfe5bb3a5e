from pyspark.ml import Pipeline
from pyspark.ml.evaluation import RegressionEvaluator
from pyspark.ml.feature import VectorAssembler
from pyspark.ml.regression import LinearRegression
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
data = spark.range(60).selectExpr("CAST(id AS DOUBLE) AS x", "CAST(2 * id + 1 AS DOUBLE) AS label")  # ~ range.selectExpr executed
pipeline = Pipeline(stages=[VectorAssembler(inputCols=["x"], outputCol="features"), LinearRegression(maxIter=2)])
model = pipeline.fit(data)  # -> ml.fit
print(RegressionEvaluator().evaluate(model.transform(data)))  # -> ml.evaluate; ~ ml.transform executed
