# SPDX-License-Identifier: Apache-2.0
"""Clean listings, as the clean job has written them."""

from __future__ import annotations

from pyspark.sql import DataFrame, SparkSession

from transforms.errors import SchemaError
from transforms.fields import CLEAN


def read_listings(spark: SparkSession, uri: str) -> DataFrame:
    """Plan the reading of clean listings; Spark looks into one file for the schema.

    Globbing is off: a place may have braces or stars in its name. It is one run's place, so that nothing in
    its own path, ``run_id=...``, becomes a column.

    Raises
    ------
    SchemaError
        When a column of the contract is missing.
    """
    listings = spark.read.option("__globPaths__", "false").parquet(uri)
    missing = [name for name in CLEAN if name not in listings.columns]
    if missing:
        raise SchemaError(f"{uri} lacks the columns {', '.join(missing)}: is it the output of clean_job.py?")
    return listings.select(*CLEAN)
