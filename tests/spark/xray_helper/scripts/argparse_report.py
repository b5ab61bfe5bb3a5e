"""Sales report."""

import argparse
import sys

from pyspark.sql import SparkSession
from pyspark.sql.functions import col, sum as sum_


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output")
    parser.add_argument("--measure", default="price", help="a name that the tracing library has, too")
    return parser.parse_args()


def extract(spark):
    return spark.createDataFrame([(i, f"t{i % 5}", i * 0.5) for i in range(200)], ["id", "town", "price"])  # -> createDataFrame


def transform(frame, measure):
    cheap = frame.where(col(measure) < 90)  # ~ where executed!
    return cheap.groupBy("town").agg(sum_(measure).alias("total"))  # ~ groupBy.agg executed!


def load(frame, place):
    (
        frame.coalesce(1)  # ~ coalesce executed
        .write.mode("overwrite")
        .option("header", True)
        .csv(place)  # -> write.csv
    )


def main():
    arguments = parse()
    spark = SparkSession.builder.appName("report").getOrCreate()
    report = transform(extract(spark), arguments.measure)
    load(report, arguments.output)
    print(report.count(), "towns")  # -> count


if __name__ == "__main__":
    sys.exit(main())
