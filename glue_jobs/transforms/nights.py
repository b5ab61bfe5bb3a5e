# SPDX-License-Identifier: Apache-2.0
"""Rule 6: a listing can be booked for a night at least and for less than a year."""

from __future__ import annotations

from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as fn

from transforms.rejecting import reject
from transforms.values import whole

MIN_NIGHTS: Final = 1
MAX_NIGHTS: Final = 364


def check_minimum_nights(rows: DataFrame) -> DataFrame:
    """Read ``minimum_nights`` as an integer; whatever is not one in 1..364 rejects the row, null too."""
    typed = rows.withColumn("minimum_nights", fn.expr(whole("minimum_nights", "int")))
    fits = f"coalesce(minimum_nights BETWEEN {MIN_NIGHTS} AND {MAX_NIGHTS}, false)"
    return reject(typed, {"minimum_nights_out_of_range": f"NOT {fits}"})
