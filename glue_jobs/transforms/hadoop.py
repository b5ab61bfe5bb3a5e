# SPDX-License-Identifier: Apache-2.0
"""Hadoop's view of a place: the same storage and rights that Spark reads and writes with."""

from __future__ import annotations

from typing import Any

from pyspark.sql import SparkSession


def locate(spark: SparkSession, uri: str) -> tuple[Any, Any]:
    """Return the ``FileSystem`` that a place is in, and its ``Path`` there."""
    jvm: Any = spark._jvm
    path = jvm.org.apache.hadoop.fs.Path(uri)
    return path.getFileSystem(spark._jsc.hadoopConfiguration()), path
