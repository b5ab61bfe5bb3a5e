# SPDX-License-Identifier: Apache-2.0
"""One row per neighbourhood, or per neighbourhood and month. Averages are doubles, counts and sums longs."""

from __future__ import annotations

from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as fn

GROUPS: Final = ("neighbourhood_group", "neighbourhood")
MONTH: Final = "month"
PROCESSED: Final = (  # columns of processed listings that the months need
    *GROUPS,
    "last_review",
    "price",
    "cost_per_night",
    "number_of_reviews",
    "review_rate_number",
)
_COLUMNS: Final = {  # price and costs in US dollars
    "listings": "count(1)",
    "avg_price": "avg(CAST(price AS double))",
    "avg_cost_per_night": "avg(CAST(cost_per_night AS double))",
    "median_cost_per_night": "percentile(cost_per_night, 0.5D)",
    "total_reviews": "sum(number_of_reviews)",
    "avg_review_rate": "avg(review_rate_number)",
}


def summarize_neighbourhoods(listings: DataFrame) -> DataFrame:
    """Summarize listings by ``GROUPS``: how many, their cost (average and exact median), their reviews."""
    return _summarize(listings, [*GROUPS], without="avg_price")


def summarize_months(listings: DataFrame) -> DataFrame:
    """Summarize processed listings by ``GROUPS`` and the month of the last review, a date: its first day."""
    month = fn.expr(f"trunc(last_review, 'month') AS {MONTH}")
    return _summarize(listings, [*GROUPS, month], without="median_cost_per_night")


def _summarize(listings: DataFrame, groups: list[Column | str], *, without: str) -> DataFrame:
    columns = (fn.expr(f"{value} AS {name}") for name, value in _COLUMNS.items() if name != without)
    return listings.groupBy(*groups).agg(*columns)
