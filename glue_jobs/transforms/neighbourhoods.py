# SPDX-License-Identifier: Apache-2.0
"""One row per neighbourhood."""

from __future__ import annotations

from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as fn

GROUPS: Final = ("neighbourhood_group", "neighbourhood")


def summarize_neighbourhoods(listings: DataFrame) -> DataFrame:
    """Summarise listings by ``GROUPS``: how many, what they cost (US dollars), how they are reviewed.

    Averages and the exact median are doubles; ``total_reviews`` is a long.
    """
    return listings.groupBy(*GROUPS).agg(
        fn.count(fn.lit(1)).alias("listings"),
        fn.avg(fn.col("cost_per_night").cast("double")).alias("avg_cost_per_night"),
        fn.percentile("cost_per_night", fn.lit(0.5)).alias("median_cost_per_night"),
        fn.sum("number_of_reviews").alias("total_reviews"),
        fn.avg("review_rate_number").alias("avg_review_rate"),
    )
