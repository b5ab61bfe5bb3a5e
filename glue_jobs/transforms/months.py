# SPDX-License-Identifier: Apache-2.0
"""One row per neighbourhood and month."""

from __future__ import annotations

from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as fn

from transforms.neighbourhoods import GROUPS

MONTH: Final = "month"
NEEDED: Final = (
    *GROUPS,
    "last_review",
    "price",
    "cost_per_night",
    "number_of_reviews",
    "review_rate_number",
)
SUMMARY: Final = (
    "count(1) AS listings",
    "avg(CAST(price AS double)) AS avg_price",
    "avg(CAST(cost_per_night AS double)) AS avg_cost_per_night",
    "sum(number_of_reviews) AS total_reviews",
    "avg(review_rate_number) AS avg_review_rate",
)


def summarize_months(listings: DataFrame) -> DataFrame:
    """Summarise processed listings by ``GROUPS`` and the month of the last review.

    ``month`` is the first day of it, a date. ``listings`` and ``total_reviews`` are longs; the averages (of
    price and cost per night in US dollars, of the review rate) are doubles.
    """
    month = fn.expr(f"trunc(last_review, 'month') AS {MONTH}")
    return listings.groupBy(*GROUPS, month).agg(*map(fn.expr, SUMMARY))
