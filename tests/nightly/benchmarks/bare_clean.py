# SPDX-License-Identifier: Apache-2.0
"""The least that Spark can do for the clean job: read, drop duplicates, write. Arguments: CSV, folder.

It checks nothing, converts nothing and loses what is malformed: what `engines` shows beside the clean job is
what the rules, the rejected rows and the counts cost.
"""

import sys

from pyspark.sql import SparkSession

source, target = sys.argv[1:]
spark = SparkSession.builder.getOrCreate()
rows = spark.read.csv(source, header=True, multiLine=True, escape='"')
rows.dropDuplicates(["host name", "lat", "long", "price"]).write.parquet(target)
