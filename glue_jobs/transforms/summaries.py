# SPDX-License-Identifier: Apache-2.0
"""One row per neighbourhood."""

from __future__ import annotations

from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as fn

GROUPS: Final = ("neighbourhood_group", "neighbourhood")
SUMMARY: Final = (
    "count(1) AS listings",
    "avg(CAST(cost_per_night AS double)) AS avg_cost_per_night",
    "percentile(cost_per_night, 0.5D) AS median_cost_per_night",
    "sum(number_of_reviews) AS total_reviews",
    "avg(review_rate_number) AS avg_review_rate",
)


def summarize_neighbourhoods(listings: DataFrame) -> DataFrame:
    """Summarise listings by ``GROUPS``: how many, what they cost (US dollars), how they are reviewed.

    Averages and the exact median are doubles; ``total_reviews`` is a long.
    """
    return listings.groupBy(*GROUPS).agg(*map(fn.expr, SUMMARY))
