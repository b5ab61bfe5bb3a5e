# SPDX-License-Identifier: Apache-2.0
"""Rule 10: counts with a long tail: nulls become the median, and a square root stands beside each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as fn

from transforms.fields import COUNTS
from transforms.rejecting import reject
from transforms.values import double, whole

TYPES: Final = {
    "reviews_per_month": "double",
    "number_of_reviews": "long",
    "calculated_host_listings_count": "int",
}


def check_counts(rows: DataFrame) -> DataFrame:
    """Read the counts; a value that is no such number, or below zero, rejects the row. Null does not."""
    texts = {f"_{name}": fn.col(name) for name in COUNTS}
    typed = rows.withColumns(texts).withColumns({name: _value(name) for name in COUNTS})
    reasons: dict[str, Column] = {}
    for name in COUNTS:
        reasons[f"invalid_{name}"] = fn.col(f"_{name}").isNotNull() & fn.col(name).isNull()
        reasons[f"negative_{name}"] = fn.col(name) < 0
    return reject(typed, reasons).drop(*texts)


def _value(name: str) -> Column:
    text = fn.col(name)
    return double(text) if TYPES[name] == "double" else whole(text, TYPES[name])


def medians() -> list[Column]:
    """Aggregates for the exact medians, under the columns' names; Spark gathers distinct values for them."""
    return [fn.percentile(name, fn.lit(0.5)).alias(name) for name in COUNTS]


def fill_counts(rows: DataFrame, values: Mapping[str, float | None]) -> DataFrame:
    """Fill nulls with the medians and add the square roots.

    A median between two whole numbers is rounded down in a column of whole numbers, as that of the dates is.
    Without any value there is no median: nulls stay.
    """
    filled = {name: fn.coalesce(fn.col(name), fn.lit(values[name]).cast(TYPES[name])) for name in COUNTS}
    return rows.withColumns(filled).withColumns({f"{name}_sqrt": fn.sqrt(fn.col(name)) for name in COUNTS})
