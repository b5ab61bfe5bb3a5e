# SPDX-License-Identifier: Apache-2.0
"""Spark as the jobs need it, whatever the defaults of the place where they run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from pyspark.sql import SparkSession

_SETTINGS: Final = {
    # Rows are stored for a few passes only: finding the best encoding of each column costs more than it saves
    # (1,000,000 rows: 4 s of CPU time). What does not fit into memory goes to the local disk.
    "spark.sql.inMemoryColumnarStorage.compressed": "false",
    "spark.sql.session.timeZone": "UTC",
    # A value that is not of its type is a reason to reject its row, not to fail.
    "spark.sql.ansi.enabled": "false",
    # With pruning the CSV reader does not see how many fields a record has.
    "spark.sql.csv.parser.columnPruning.enabled": "false",
    # Half a file is an error, not a smaller file.
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
    # HotSpot never compiles a method of more than 8,000 bytes of bytecode (its DontCompileHugeMethods). Spark
    # generates one for the rules and the original of a row, and would let it be interpreted row by row: above
    # this size it generates smaller ones instead (1,000,000 rows: 9.5 s of CPU time instead of 16.7 s).
    "spark.sql.codegen.hugeMethodLimit": "8000",
}
SMALL_BYTES: Final = 32 << 20
# Adaptive execution runs every stage as a Spark job of its own and plans anew behind it, and Spark's default
# of 200 partitions is for much data: small data is through before either pays.
_FOR_SMALL_DATA: Final = {"spark.sql.adaptive.enabled": "false", "spark.sql.shuffle.partitions": "2"}


def start_spark() -> SparkSession:
    """Take the session that is there, as on Glue, or make one; only settings that may change at run time."""
    spark = SparkSession.builder.getOrCreate()
    for name, value in _SETTINGS.items():
        spark.conf.set(name, value)
    return spark


@contextmanager
def planned_for(spark: SparkSession, size: int) -> Iterator[None]:
    """Let Spark plan the actions of this block for an input of ``size`` bytes; afterwards as before."""
    settings = _FOR_SMALL_DATA if size <= SMALL_BYTES else {}
    before = {name: str(spark.conf.get(name)) for name in settings}
    try:
        for name, value in settings.items():
            spark.conf.set(name, value)
        yield
    finally:
        for name, value in before.items():
            spark.conf.set(name, value)
