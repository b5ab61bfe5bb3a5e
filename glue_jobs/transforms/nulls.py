# SPDX-License-Identifier: Apache-2.0
"""Rule 5: what stands where nothing was given."""

from __future__ import annotations

from typing import Final

from pyspark.sql import DataFrame

DEFAULTS: Final[dict[str, bool | float | int | str]] = {
    "house_rules": "Blank",
    "host_name": "Blank",
    "name": "Blank",
    "country": "United States",
    "host_identity_verified": "unconfirmed",
    "instant_bookable": "true",
    "cancellation_policy": "moderate",
}


def fill_nulls(rows: DataFrame) -> DataFrame:
    """Fill the text columns of ``DEFAULTS``."""
    return rows.fillna(DEFAULTS)
