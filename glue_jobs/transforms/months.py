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


def summarize_months(listings: DataFrame) -> DataFrame:
    """Summarise processed listings by ``GROUPS`` and the month of the last review.

    ``month`` is the first day of it, a date. ``listings`` and ``total_reviews`` are longs; the averages (of
    price and cost per night in US dollars, of the review rate) are doubles.
    """
    month = fn.trunc("last_review", "month").alias(MONTH)
    return listings.groupBy(*GROUPS, month).agg(
        fn.count(fn.lit(1)).alias("listings"),
        fn.avg(fn.col("price").cast("double")).alias("avg_price"),
        fn.avg(fn.col("cost_per_night").cast("double")).alias("avg_cost_per_night"),
        fn.sum("number_of_reviews").alias("total_reviews"),
        fn.avg("review_rate_number").alias("avg_review_rate"),
    )
