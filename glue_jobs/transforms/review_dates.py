# SPDX-License-Identifier: Apache-2.0
"""Rule 11: dates of the last review that cannot be true become the median of those that can."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as fn

from transforms.rejecting import is_left
from transforms.values import day


def keep_valid_dates(rows: DataFrame, run_date: date) -> DataFrame:
    """Read ``last_review``; null when it is no date, after ``run_date``, or before the construction year."""
    read = rows.withColumn("last_review", day(fn.col("last_review")))
    review = fn.col("last_review")
    possible = (review <= fn.lit(run_date)) & (fn.year(review) >= fn.col("construction_year"))
    return read.withColumn("last_review", fn.when(possible, review))


def median_date(rows: DataFrame) -> date | None:
    """Find the exact median of the valid dates of the rows that are left: a whole day, rounded down.

    One small Spark job over two columns. None when no date is valid.
    """
    middle = fn.percentile(fn.unix_date("last_review"), fn.lit(0.5))
    found = rows.where(is_left()).agg(fn.date_from_unix_date(fn.floor(middle).cast("int"))).first()
    return found[0] if found else None


def fill_dates(rows: DataFrame, median: date | None) -> DataFrame:
    """Put the median where there is no valid date."""
    return rows.withColumn("last_review", fn.coalesce(fn.col("last_review"), fn.lit(median).cast("date")))
