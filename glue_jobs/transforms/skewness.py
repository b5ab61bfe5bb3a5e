# SPDX-License-Identifier: Apache-2.0
"""Rule 10: counts with a long tail: nulls become the median, and a square root stands beside each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as fn

from transforms.fields import COUNTS
from transforms.rules import Rule
from transforms.values import double, whole

TYPES: Final = {
    "reviews_per_month": "double",
    "number_of_reviews": "long",
    "calculated_host_listings_count": "int",
}


def _value(name: str) -> str:
    return double(name) if TYPES[name] == "double" else whole(name, TYPES[name])


def _reasons(name: str) -> dict[str, str]:
    return {f"invalid_{name}": f"_{name} IS NOT NULL AND {name} IS NULL", f"negative_{name}": f"{name} < 0"}


#: a value that is no such number, or below zero, rejects the row; null does not
CHECK_COUNTS: Final = Rule(
    columns={name: _value(name) for name in COUNTS},
    reasons={reason: condition for name in COUNTS for reason, condition in _reasons(name).items()},
    as_read=COUNTS,
)


def medians() -> list[str]:
    """Return aggregates for exact medians, named as the columns; Spark gathers distinct values for them."""
    return [f"percentile({name}, 0.5D) AS {name}" for name in COUNTS]


def fill_counts(rows: DataFrame, values: Mapping[str, float | None]) -> DataFrame:
    """Fill nulls with the medians and add the square roots.

    A median between two whole numbers is rounded down in a column of whole numbers, as that of the dates is.
    Without any value there is no median: nulls stay.
    """
    filled = {name: f"coalesce({name}, CAST({_literal(values[name])} AS {TYPES[name]}))" for name in COUNTS}
    roots = {f"{name}_sqrt": f"sqrt({value})" for name, value in filled.items()}
    return rows.withColumns({name: fn.expr(value) for name, value in (filled | roots).items()})


def _literal(value: float | None) -> str:
    return "NULL" if value is None else f"{value!r}D"
