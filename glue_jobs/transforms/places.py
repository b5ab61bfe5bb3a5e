# SPDX-License-Identifier: Apache-2.0
"""Rules 8 and 9: where a listing is, and what kind of room it is."""

from __future__ import annotations

from typing import Final

from pyspark.sql import DataFrame

from transforms.rejecting import reject

NEEDED: Final = (
    "neighbourhood_group",
    "neighbourhood",
    "lat",
    "long",
    "construction_year",
    "review_rate_number",
)
MISSPELT: Final[dict[bool | float | int | str, bool | float | int | str | None]] = {
    "brookln": "Brooklyn",
    "manhatan": "Manhattan",
}
ROOM_TYPES: Final = ("Entire home/apt", "Private room", "Shared room", "Hotel room")


def check_missing(rows: DataFrame) -> DataFrame:
    """Reject a row without one of the values of ``NEEDED``, which nothing can stand for."""
    return reject(rows, {f"missing_{name}": f"{name} IS NULL" for name in NEEDED})


def correct_neighbourhood_groups(rows: DataFrame) -> DataFrame:
    """Correct the two known misspellings; both values are US boroughs written in lower case."""
    return rows.replace(MISSPELT, subset=["neighbourhood_group"])


def check_room_types(rows: DataFrame) -> DataFrame:
    """Reject a row whose room type is none of the four, null included."""
    known = ", ".join(f"'{name}'" for name in ROOM_TYPES)
    return reject(rows, {"unknown_room_type": f"NOT coalesce(room_type IN ({known}), false)"})
