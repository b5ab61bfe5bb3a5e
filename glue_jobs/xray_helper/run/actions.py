# SPDX-License-Identifier: Apache-2.0
"""The methods that make Spark work at once, of PySpark 3.3 to 4.1 and of Glue's own library.

Everything else of these classes is lazy, or asks for what is known already. A reader counts as an action: it
lists files, and looks into them for a schema.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Actions:
    """Methods of one class.

    Attributes
    ----------
    module, cls
        Where the class is defined; one that this Spark does not have is passed over.
    prefix
        What stands before the method in a step's name: ``write.`` in ``write.parquet``.
    """

    module: str
    cls: str
    methods: frozenset[str]
    prefix: str = ""


def _actions(place: str, methods: str, prefix: str = "") -> Actions:
    module, _, cls = place.rpartition(".")
    return Actions(module, cls, frozenset(methods.split()), prefix)


_FRAME: Final = (
    "approxQuantile checkpoint collect corr count cov createGlobalTempView createOrReplaceGlobalTempView "
    "createOrReplaceTempView createTempView crosstab describe first foreach foreachPartition "
    "freqItems head isEmpty localCheckpoint show summary tail take toArrow toLocalIterator toPandas "
    "transpose"
)
_READ: Final = "csv jdbc json load orc parquet table text xml"
_WRITE: Final = "csv insertInto jdbc json orc parquet save saveAsTable text xml"
_WRITE_TO: Final = "append create createOrReplace overwrite overwritePartitions replace"
_RDD: Final = (
    "aggregate collect collectAsMap collectWithJobGroup count countApprox countApproxDistinct countByKey "
    "countByValue first fold foreach foreachPartition histogram isEmpty lookup max mean meanApprox min "
    "reduce reduceByKeyLocally sampleStdev sampleVariance saveAsHadoopDataset saveAsHadoopFile "
    "saveAsNewAPIHadoopDataset saveAsNewAPIHadoopFile saveAsPickleFile saveAsSequenceFile saveAsTextFile "
    "sortBy sortByKey stats stdev sum sumApprox take takeOrdered takeSample toDF toLocalIterator top "
    "treeAggregate treeReduce variance zipWithIndex"
)

ACTIONS: Final = (
    # From Spark 4.0 on, `pyspark.sql.DataFrame` is an interface of two classes, and these are behind it.
    _actions("pyspark.sql.dataframe.DataFrame", _FRAME),
    _actions("pyspark.sql.classic.dataframe.DataFrame", _FRAME),
    _actions("pyspark.sql.connect.dataframe.DataFrame", _FRAME),
    _actions("pyspark.sql.readwriter.DataFrameReader", _READ, "read."),
    _actions("pyspark.sql.connect.readwriter.DataFrameReader", _READ, "read."),
    _actions("pyspark.sql.readwriter.DataFrameWriter", _WRITE, "write."),
    _actions("pyspark.sql.connect.readwriter.DataFrameWriter", _WRITE, "write."),
    _actions("pyspark.sql.readwriter.DataFrameWriterV2", _WRITE_TO, "writeTo."),
    _actions("pyspark.sql.connect.readwriter.DataFrameWriterV2", _WRITE_TO, "writeTo."),
    _actions("pyspark.sql.group.GroupedData", "pivot", "groupBy."),
    _actions("pyspark.sql.session.SparkSession", "createDataFrame sql"),
    _actions("pyspark.sql.connect.session.SparkSession", "createDataFrame sql"),
    _actions(
        "pyspark.sql.catalog.Catalog",
        "cacheTable createExternalTable createTable recoverPartitions refreshTable",
        "catalog.",
    ),
    _actions("pyspark.sql.merge.MergeIntoWriter", "merge", "mergeInto."),
    _actions("pyspark.sql.streaming.readwriter.DataStreamWriter", "start toTable", "writeStream."),
    _actions("pyspark.sql.streaming.query.StreamingQuery", "awaitTermination processAllAvailable"),
    _actions("pyspark.rdd.RDD", _RDD, "rdd."),
    _actions("pyspark.ml.base.Estimator", "fit", "ml."),
    _actions("pyspark.ml.base.Evaluator", "evaluate", "ml."),
    _actions("pyspark.ml.evaluation.Evaluator", "evaluate", "ml."),
    _actions(
        "awsglue.dynamicframe.DynamicFrameReader",
        "from_catalog from_options from_rdd",
        "create_dynamic_frame.",
    ),
    _actions(
        "awsglue.dynamicframe.DynamicFrameWriter",
        "from_catalog from_jdbc_conf from_options",
        "write_dynamic_frame.",
    ),
)
