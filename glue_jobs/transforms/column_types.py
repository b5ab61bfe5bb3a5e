# SPDX-License-Identifier: Apache-2.0
"""Rule 12: the types of the columns that no other rule reads."""

from __future__ import annotations

from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as fn

from transforms.rejecting import reject
from transforms.values import boolean, double, whole

TYPED: Final = ("id", "lat", "long", "construction_year", "review_rate_number", "instant_bookable")


def convert_types(rows: DataFrame) -> DataFrame:
    """Read the columns of ``TYPED``; a value that is not of its column's type rejects the row.

    The reason is ``invalid_<column>``. A row without an id is one of them: nothing else tells it from others.
    """
    typed = rows.withColumns(
        {
            "id": whole(fn.col("id"), "long"),
            "lat": double(fn.col("lat")),
            "long": double(fn.col("long")),
            "construction_year": whole(fn.col("construction_year"), "int"),
            "review_rate_number": whole(fn.col("review_rate_number"), "int"),
            "instant_bookable": boolean(fn.col("instant_bookable")),
        }
    )
    return reject(typed, {f"invalid_{name}": fn.col(name).isNull() for name in TYPED})
