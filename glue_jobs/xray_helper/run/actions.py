# SPDX-License-Identifier: Apache-2.0
"""The methods of PySpark 3.3 to 4.1, and of Glue's own library, that make Spark work, and those that plan.

A reader counts as an action: it lists files, and looks into them for a schema. Of what is lazy, ``PLANNING``
has what makes a frame; everything else of these classes asks for what is known already.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Methods:
    """Methods of one class.

    Attributes
    ----------
    module, cls
        Where the class is defined; one that this Spark does not have is passed over. Without a class they are
        functions of the module.
    prefix
        What stands before the method in a step's name: ``write.`` in ``write.parquet``.
    """

    module: str
    cls: str
    methods: frozenset[str]
    prefix: str = ""


def _methods(place: str, methods: str, prefix: str = "") -> Methods:
    module, _, cls = place.rpartition(".")
    return Methods(module, cls, frozenset(methods.split()), prefix)


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

# `DataFrame.transform` calls the user's own functions, whose lines count.
_PLAN: Final = (
    "agg alias coalesce crossJoin distinct drop dropDuplicates dropDuplicatesWithinWatermark "
    "drop_duplicates dropna exceptAll fillna filter hint intersect intersectAll join lateralJoin limit "
    "mapInArrow mapInPandas melt observe offset orderBy randomSplit repartition repartitionById "
    "repartitionByRange replace sample sampleBy select selectExpr sort sortWithinPartitions subtract to "
    "toDF union unionAll unionByName unpivot where withColumn withColumnRenamed withColumns "
    "withColumnsRenamed withMetadata withWatermark"
)
_PLAN_GROUPS: Final = (
    "agg apply applyInArrow applyInPandas applyInPandasWithState avg count max mean min sum "
    "transformWithState transformWithStateInPandas"
)
_PLAN_DYNAMIC: Final = (
    "applyMapping apply_mapping coalesce drop_fields errorsAsDynamicFrame filter join map mapPartitions "
    "mapPartitionsWithIndex mergeDynamicFrame relationalize rename_field repartition resolveChoice "
    "select_fields split_fields split_rows toDF unbox union unnest unnest_ddb_json"
)
_READ_STREAM: Final = "csv json load orc parquet table text xml"

PLANNING: Final[tuple[Methods, ...]] = (
    _methods("pyspark.sql.dataframe.DataFrame", _PLAN),
    _methods("pyspark.sql.classic.dataframe.DataFrame", _PLAN),
    _methods("pyspark.sql.group.GroupedData", _PLAN_GROUPS, "groupBy."),
    _methods("pyspark.sql.pandas.group_ops.PandasCogroupedOps", "applyInArrow applyInPandas", "cogroup."),
    _methods("pyspark.sql.session.SparkSession", "range table"),
    Methods("pyspark.sql.functions", "", frozenset({"broadcast"})),
    Methods("pyspark.sql.functions.builtin", "", frozenset({"broadcast"})),
    _methods("pyspark.sql.streaming.readwriter.DataStreamReader", _READ_STREAM, "readStream."),
    _methods("pyspark.ml.base.Transformer", "transform", "ml."),
    _methods("awsglue.dynamicframe.DynamicFrame", _PLAN_DYNAMIC),
)

STOPS: Final[tuple[Methods, ...]] = (_methods("pyspark.sql.session.SparkSession", "stop"),)

ACTIONS: Final[tuple[Methods, ...]] = (
    # From Spark 4.0 on, `pyspark.sql.DataFrame` is an interface of two classes, and these are behind it.
    _methods("pyspark.sql.dataframe.DataFrame", _FRAME),
    _methods("pyspark.sql.classic.dataframe.DataFrame", _FRAME),
    _methods("pyspark.sql.connect.dataframe.DataFrame", _FRAME),
    _methods("pyspark.sql.readwriter.DataFrameReader", _READ, "read."),
    _methods("pyspark.sql.connect.readwriter.DataFrameReader", _READ, "read."),
    _methods("pyspark.sql.readwriter.DataFrameWriter", _WRITE, "write."),
    _methods("pyspark.sql.connect.readwriter.DataFrameWriter", _WRITE, "write."),
    _methods("pyspark.sql.readwriter.DataFrameWriterV2", _WRITE_TO, "writeTo."),
    _methods("pyspark.sql.connect.readwriter.DataFrameWriterV2", _WRITE_TO, "writeTo."),
    _methods("pyspark.sql.group.GroupedData", "pivot", "groupBy."),
    _methods("pyspark.sql.session.SparkSession", "createDataFrame sql"),
    _methods("pyspark.sql.connect.session.SparkSession", "createDataFrame sql"),
    _methods(
        "pyspark.sql.catalog.Catalog",
        "cacheTable createExternalTable createTable recoverPartitions refreshTable",
        "catalog.",
    ),
    _methods("pyspark.sql.merge.MergeIntoWriter", "merge", "mergeInto."),
    _methods("pyspark.sql.streaming.readwriter.DataStreamWriter", "start toTable", "writeStream."),
    _methods("pyspark.sql.streaming.query.StreamingQuery", "awaitTermination processAllAvailable"),
    _methods("pyspark.rdd.RDD", _RDD, "rdd."),
    _methods("pyspark.ml.base.Estimator", "fit", "ml."),
    _methods("pyspark.ml.base.Evaluator", "evaluate", "ml."),
    _methods("pyspark.ml.evaluation.Evaluator", "evaluate", "ml."),
    _methods(
        "awsglue.dynamicframe.DynamicFrame", "count errorsCount printSchema schema show stageErrorsCount"
    ),
    _methods(
        "awsglue.context.GlueContext",
        "create_data_frame_from_catalog create_data_frame_from_options create_dynamic_frame_from_catalog "
        "create_dynamic_frame_from_options create_dynamic_frame_from_rdd write_data_frame_from_catalog "
        "write_dynamic_frame_from_catalog write_dynamic_frame_from_jdbc_conf "
        "write_dynamic_frame_from_options",
    ),
    _methods(
        "awsglue.dynamicframe.DynamicFrameReader",
        "from_catalog from_options from_rdd",
        "create_dynamic_frame.",
    ),
    _methods(
        "awsglue.dynamicframe.DynamicFrameWriter",
        "from_catalog from_jdbc_conf from_options",
        "write_dynamic_frame.",
    ),
)
