# SPDX-License-Identifier: Apache-2.0
"""Rule 11: dates of the last review that cannot be true become the median of those that can."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as fn

from transforms.values import day


def keep_valid_dates(rows: DataFrame, run_date: date) -> DataFrame:
    """Read ``last_review``; null when it is no date, after ``run_date``, or before the construction year."""
    read = rows.withColumn("last_review", fn.expr(day("last_review")))
    possible = f"last_review <= DATE '{run_date}' AND year(last_review) >= construction_year"
    return read.withColumn("last_review", fn.expr(f"CASE WHEN {possible} THEN last_review END"))


def median_date() -> str:
    """Aggregate for the exact median of the valid dates: a whole day, rounded down; null without any."""
    middle = "percentile(unix_date(last_review), 0.5D)"
    return f"date_from_unix_date(CAST(floor({middle}) AS int)) AS last_review"


def fill_dates(rows: DataFrame, median: date | None) -> DataFrame:
    """Put the median where there is no valid date."""
    literal = f"DATE '{median}'" if median else "NULL"
    return rows.withColumn("last_review", fn.expr(f"coalesce(last_review, {literal})"))
