# SPDX-License-Identifier: Apache-2.0
"""Writing: only into the run's own place."""

from __future__ import annotations

from functools import partial

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, DataFrameWriter, SparkSession
from pyspark.sql import functions as fn

from data_layout.places import belongs_to_one_run
from transforms.conservation import RowCounter
from transforms.errors import ArgumentsError
from transforms.failures import explained
from transforms.fields import CLEAN, NOTES, ORIGINAL
from transforms.rejecting import IS_LEFT, IS_REJECTED


def clean_rows(rows: DataFrame) -> DataFrame:
    """Return the rows that are left, with the columns of the contract."""
    return rows.where(IS_LEFT).selectExpr(*CLEAN)


def rejected_rows(rows: DataFrame) -> DataFrame:
    """Return the rejected rows, whole: ``_reason`` and every column under the name it was read with.

    ``_raw`` is the text of a record that could not be taken apart. ``_encoding`` is set where text is not
    UTF-8: the values are its bytes, one character each.
    """
    notes = [note for note in NOTES if note in rows.columns]
    return rows.where(IS_REJECTED).selectExpr(*notes, f"{ORIGINAL}.*")


def store_original(rows: DataFrame) -> DataFrame:
    """Keep the original of rejected rows alone, before the rows are stored."""
    return rows.withColumn(ORIGINAL, fn.expr(f"CASE WHEN {IS_REJECTED} THEN {ORIGINAL} END"))


def write_parquet(
    rows: DataFrame, uri: str, *, place: str, weight: str | None = None, run_uri: str | None = None
) -> RowCounter:
    """Write Parquet, compressed with snappy; return the counter of what was written.

    Parameters
    ----------
    place, weight
        See ``RowCounter``.
    run_uri
        The run's own place, where ``uri`` lies in it.

    Raises
    ------
    ArgumentsError, JobError
        When there is something in a place of no run, or the storage fails.
    """
    counter = RowCounter(place=place, recount=partial(count_parquet, rows.sparkSession, uri), weight=weight)
    writer = counter.watch(rows).write.format("parquet").option("compression", "snappy")
    _save(writer, uri, run_uri or uri)
    return counter


def write_json_lines(rows: DataFrame, uri: str, *, place: str) -> RowCounter:
    """Write JSON lines, as ``write_parquet``; nulls are written too: every row shows every column."""
    counter = RowCounter(place=place, recount=lambda _: count_lines(rows.sparkSession, uri))
    _save(counter.watch(rows).write.format("json").option("ignoreNullFields", False), uri, uri)
    return counter


def _save(writer: DataFrameWriter, uri: str, run_uri: str) -> None:
    """Replace what a failed attempt has left in a place of one run, ``run_id=<name>``, and nowhere else."""
    with explained(uri, reading=False):
        try:
            writer.mode("overwrite" if belongs_to_one_run(run_uri) else "errorifexists").save(uri)
        except AnalysisException as error:
            if "PATH_ALREADY_EXISTS" not in str(error):
                raise
            raise ArgumentsError(
                f"{uri} exists already: name another place, or one that ends in run_id=<name>, "
                "which is replaced."
            ) from None


def count_parquet(spark: SparkSession, uri: str, weight: str | None = None) -> int:
    """Count the rows of a Parquet data set, from its files' footers; or add up a column of it."""
    stored = spark.read.option("__globPaths__", "false").parquet(uri)
    if weight is None:
        return stored.count()
    total = stored.agg(fn.sum(weight)).first()
    return int(total[0] or 0) if total else 0


def count_lines(spark: SparkSession, uri: str) -> int:
    """Count the lines of a data set of JSON lines."""
    return spark.read.option("__globPaths__", "false").text(uri).count()
