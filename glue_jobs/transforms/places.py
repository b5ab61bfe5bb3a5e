# SPDX-License-Identifier: Apache-2.0
"""Rules 8 and 9: where a listing is, and what kind of room it is."""

from __future__ import annotations

from typing import Final

from transforms.rules import Rule

NEEDED: Final = (
    "neighbourhood_group",
    "neighbourhood",
    "lat",
    "long",
    "construction_year",
    "review_rate_number",
)
MISSPELT: Final = {"brookln": "Brooklyn", "manhatan": "Manhattan"}
ROOM_TYPES: Final = ("Entire home/apt", "Private room", "Shared room", "Hotel room")

_CORRECTED: Final = " ".join(f"WHEN '{wrong}' THEN '{right}'" for wrong, right in MISSPELT.items())
_KNOWN: Final = ", ".join(f"'{name}'" for name in ROOM_TYPES)

#: a row without one of the values of ``NEEDED``, which nothing can stand for, is rejected
CHECK_MISSING: Final = Rule(reasons={f"missing_{name}": f"{name} IS NULL" for name in NEEDED})

#: the two known misspellings; both values are US boroughs written in lower case
CORRECT_NEIGHBOURHOOD_GROUPS: Final = Rule(
    columns={"neighbourhood_group": f"CASE neighbourhood_group {_CORRECTED} ELSE neighbourhood_group END"}
)

#: a row whose room type is none of the four is rejected, null included
CHECK_ROOM_TYPES: Final = Rule(reasons={"unknown_room_type": f"NOT coalesce(room_type IN ({_KNOWN}), false)"})
