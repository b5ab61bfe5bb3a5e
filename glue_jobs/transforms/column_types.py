# SPDX-License-Identifier: Apache-2.0
"""Rule 12: the types of the columns that no other rule reads."""

from __future__ import annotations

from typing import Final

from transforms.rules import Rule
from transforms.values import boolean, double, whole

TYPED: Final = {
    "id": whole("id", "long"),
    "lat": double("lat"),
    "long": double("long"),
    "construction_year": whole("construction_year", "int"),
    "review_rate_number": whole("review_rate_number", "int"),
    "instant_bookable": boolean("instant_bookable"),
}

#: a value that is not of its column's type rejects the row, a missing id too: nothing else identifies it
CONVERT_TYPES: Final = Rule(columns=TYPED, reasons={f"invalid_{name}": f"{name} IS NULL" for name in TYPED})
