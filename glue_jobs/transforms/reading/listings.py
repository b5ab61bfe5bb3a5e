# SPDX-License-Identifier: Apache-2.0
"""Listings, as the clean job or the process job has written them."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame, SparkSession

from transforms.errors import SchemaError
from transforms.fields import CLEAN
from transforms.reading.run_files import check_run_files


def read_listings(spark: SparkSession, uri: str) -> DataFrame:
    """Plan the reading of clean listings; Spark looks into one file for the schema.

    Globbing is off: a place may have braces or stars in its name. It is one run's place, so that nothing in
    its own path, ``run_id=...``, becomes a column.

    Raises
    ------
    InputError
        See ``check_run_files``.
    SchemaError
        When a column of the contract is missing.
    """
    return _read(spark, uri, CLEAN, writer="clean_job.py")


def read_processed(spark: SparkSession, uri: str, columns: Sequence[str]) -> DataFrame:
    """Plan the reading of these columns of processed listings, as ``read_listings`` does.

    Raises
    ------
    SchemaError
        When one of them is missing.
    """
    return _read(spark, uri, columns, writer="process_job.py")


def _read(spark: SparkSession, uri: str, columns: Sequence[str], *, writer: str) -> DataFrame:
    check_run_files(spark, uri)
    listings = spark.read.option("__globPaths__", "false").parquet(uri)
    found = listings.columns
    missing = [name for name in columns if name not in found]
    if missing:
        raise SchemaError(f"{uri} lacks the columns {', '.join(missing)}: is it the output of {writer}?")
    return listings if found == [*columns] else listings.select(*columns)
