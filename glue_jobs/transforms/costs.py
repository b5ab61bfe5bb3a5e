# SPDX-License-Identifier: Apache-2.0
"""What a stay costs."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as fn


def add_cost_per_night(listings: DataFrame) -> DataFrame:
    """Add ``cost_per_night`` = price + service_fee, US dollars, decimal(13,2)."""
    return listings.withColumn("cost_per_night", fn.expr("price + service_fee"))


def add_minimum_total_spend(listings: DataFrame) -> DataFrame:
    """Add ``minimum_total_spend`` = cost_per_night times minimum_nights, US dollars, decimal(24,2)."""
    return listings.withColumn("minimum_total_spend", fn.expr("cost_per_night * minimum_nights"))
