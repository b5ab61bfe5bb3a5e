# SPDX-License-Identifier: Apache-2.0
"""Rule 11: dates of the last review that cannot be true become the median of those that can."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as fn

from transforms.values import day


def keep_valid_dates(rows: DataFrame, run_date: date) -> DataFrame:
    """Read ``last_review``; null when it is no date, after ``run_date``, or before the construction year."""
    read = rows.withColumn("last_review", day(fn.col("last_review")))
    review = fn.col("last_review")
    possible = (review <= fn.lit(run_date)) & (fn.year(review) >= fn.col("construction_year"))
    return read.withColumn("last_review", fn.when(possible, review))


def median_date() -> Column:
    """Aggregate for the exact median of the valid dates: a whole day, rounded down; null without any."""
    middle = fn.percentile(fn.unix_date("last_review"), fn.lit(0.5))
    return fn.date_from_unix_date(fn.floor(middle).cast("int")).alias("last_review")


def fill_dates(rows: DataFrame, median: date | None) -> DataFrame:
    """Put the median where there is no valid date."""
    return rows.withColumn("last_review", fn.coalesce(fn.col("last_review"), fn.lit(median).cast("date")))
