# SPDX-License-Identifier: Apache-2.0
"""Rule 6: a listing can be booked for a night at least and for less than a year."""

from __future__ import annotations

from typing import Final

from transforms.rules import Rule
from transforms.values import whole

MIN_NIGHTS: Final = 1
MAX_NIGHTS: Final = 364
_FITS: Final = f"coalesce(minimum_nights BETWEEN {MIN_NIGHTS} AND {MAX_NIGHTS}, false)"

#: ``minimum_nights`` as an integer; whatever is not one in 1..364 rejects the row, null too
CHECK_MINIMUM_NIGHTS: Final = Rule(
    columns={"minimum_nights": whole("minimum_nights", "int")},
    reasons={"minimum_nights_out_of_range": f"NOT {_FITS}"},
)
