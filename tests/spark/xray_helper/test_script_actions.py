# SPDX-License-Identifier: Apache-2.0
"""The table of actions against this PySpark's own classes: what neither list knows has to be judged."""

from __future__ import annotations

import importlib
import re
import sys
from importlib.util import find_spec

import pytest
from pyspark import RDD
from pyspark.sql import DataFrame as SqlDataFrame
from pyspark.sql import DataFrameReader, DataFrameWriter, GroupedData, SparkSession
from pyspark.sql.catalog import Catalog
from pyspark.sql.readwriter import DataFrameWriterV2

from xray_helper.run.actions import ACTIONS, PLANNING, Methods

# From Spark 4.0 on, `pyspark.sql.DataFrame` is an interface; the class behind it is the one that is wrapped.
CLASSIC = "pyspark.sql.classic.dataframe"
DataFrame: type = (
    importlib.import_module(CLASSIC).DataFrame if find_spec("pyspark.sql.classic") else SqlDataFrame
)

# By Spark's documentation, "Transformations" of the RDD programming guide, and PySpark's API reference.
LAZY: dict[type, str] = {
    DataFrame: """agg alias asTable cache coalesce colRegex columns crossJoin cube distinct drop
        dropDuplicates dropDuplicatesWithinWatermark drop_duplicates dropna dtypes exceptAll
        executionInfo exists explain fillna filter groupBy groupby groupingSets hint inputFiles
        intersect intersectAll isLocal isStreaming join lateralJoin limit mapInArrow mapInPandas
        melt mergeInto metadataColumn na observe offset orderBy pandas_api persist plot
        printSchema randomSplit rdd registerTempTable repartition repartitionById
        repartitionByRange replace rollup sameSemantics sample sampleBy scalar schema select
        selectExpr semanticHash sort sortWithinPartitions sparkSession sql_ctx stat storageLevel
        subtract to toDF toJSON to_koalas to_pandas_on_spark transform union unionAll unionByName
        unpersist unpivot where withColumn withColumnRenamed withColumns withColumnsRenamed
        withMetadata withWatermark write writeStream writeTo""",
    GroupedData: """agg apply applyInArrow applyInPandas applyInPandasWithState avg cogroup count max mean min
        sum transformWithState transformWithStateInPandas""",
    SparkSession: """Builder active addArtifact addArtifacts addTag builder catalog clearProgressHandlers
        clearTags client conf copyFromLocalToFs dataSource getActiveSession getTags interruptAll
        interruptOperation interruptTag newSession profile range read readStream
        registerProgressHandler removeProgressHandler removeTag sparkContext stop streams table
        tvf udf udtf version""",
    DataFrameReader: "format option options schema",
    DataFrameWriter: "bucketBy clusterBy format mode option options partitionBy sortBy",
    DataFrameWriterV2: "clusterBy option options partitionedBy tableProperty using",
    Catalog: """clearCache currentCatalog currentDatabase databaseExists dropGlobalTempView dropTempView
        functionExists getDatabase getFunction getTable isCached listCatalogs listColumns
        listDatabases listFunctions listTables refreshByPath registerFunction setCurrentCatalog
        setCurrentDatabase tableExists uncacheTable""",
    RDD: """aggregateByKey barrier cache cartesian checkpoint cleanShuffleDependencies coalesce
        cogroup combineByKey context distinct filter flatMap flatMapValues foldByKey fullOuterJoin
        getCheckpointFile getNumPartitions getResourceProfile getStorageLevel glom groupBy
        groupByKey groupWith id intersection isCheckpointed isLocallyCheckpointed join keyBy keys
        leftOuterJoin localCheckpoint map mapPartitions mapPartitionsWithIndex
        mapPartitionsWithSplit mapValues name partitionBy persist pipe randomSplit reduceByKey
        repartition repartitionAndSortWithinPartitions rightOuterJoin sample sampleByKey setName
        subtract subtractByKey toDebugString union unpersist values withResources zip
        zipWithUniqueId""",
}


# They return the DataFrame that they are called on, or call the user's own functions, whose lines count.
MAKES_NO_FRAME = {"cache", "persist", "unpersist", "transform"}
_FRAME = re.compile(r"\b(Parent)?DataFrame\b")


@pytest.mark.parametrize("cls", LAZY, ids=lambda cls: cls.__name__)
def test_every_method_is_an_action_or_lazy(cls: type) -> None:
    actions, lazy = _methods_of(cls, ACTIONS), set(LAZY[cls].split())

    assert actions
    assert not actions & lazy
    assert {name for name in dir(cls) if not name.startswith("_")} <= actions | lazy


@pytest.mark.parametrize("cls", [DataFrame, GroupedData, SparkSession], ids=lambda cls: cls.__name__)
def test_every_lazy_method_that_makes_a_frame_is_looked_at(cls: type) -> None:
    planning, lazy = _methods_of(cls, PLANNING), set(LAZY[cls].split())
    frames = {name for name in lazy if _FRAME.search(_returned_by(cls, name))}

    assert {"agg", "max"} & frames or "range" in frames  # annotations are there
    assert frames - MAKES_NO_FRAME <= planning
    assert planning & set(dir(cls)) <= lazy


def _methods_of(cls: type, groups: tuple[Methods, ...]) -> set[str]:
    found = [one for one in groups if getattr(sys.modules.get(one.module), one.cls, None) is cls]
    return set().union(*(one.methods for one in found))


def _returned_by(cls: type, name: str) -> str:
    return str(getattr(getattr(cls, name, None), "__annotations__", {}).get("return", ""))
