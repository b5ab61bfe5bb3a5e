# SPDX-License-Identifier: Apache-2.0
"""Rule 12: the types of the columns that no other rule reads."""

from __future__ import annotations

from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as fn

from transforms.rejecting import reject
from transforms.values import boolean, double, whole

TYPED: Final = {
    "id": whole("id", "long"),
    "lat": double("lat"),
    "long": double("long"),
    "construction_year": whole("construction_year", "int"),
    "review_rate_number": whole("review_rate_number", "int"),
    "instant_bookable": boolean("instant_bookable"),
}


def convert_types(rows: DataFrame) -> DataFrame:
    """Read the columns of ``TYPED``; a value that is not of its column's type rejects the row.

    The reason is ``invalid_<column>``. A row without an id is one of them: nothing else identifies it.
    """
    typed = rows.withColumns({name: fn.expr(value) for name, value in TYPED.items()})
    return reject(typed, {f"invalid_{name}": f"{name} IS NULL" for name in TYPED})
