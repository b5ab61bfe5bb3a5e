# SPDX-License-Identifier: Apache-2.0
"""A data set small enough to be checked by hand, rule by rule."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

GOOD = {
    "id": "1", "NAME": "Loft", "host id": "80014485718", "host_identity_verified": "verified",
    "host name": "Ada", "neighbourhood group": "Brooklyn", "neighbourhood": "Kensington", "lat": "40.64",
    "long": "-73.97", "country": "United States", "country code": "US", "instant_bookable": "TRUE",
    "cancellation_policy": "strict", "room type": "Private room", "Construction year": "2015",
    "price": "$1,060 ", "service fee": "$40 ", "minimum nights": "2", "number of reviews": "4",
    "last review": "10/19/2021", "reviews per month": "0.25", "review rate number": "4",
    "calculated host listings count": "9", "availability 365": "100", "house_rules": "No smoking",
    "license": "",
}  # fmt: skip

HEADER = list(GOOD)

# What differs from GOOD, row by row, and what the contract makes of it.
ROWS: list[dict[str, str]] = [
    {},  # clean
    {"id": "7", "NAME": "Copy"},  # duplicate of id 1: same host, place and price, larger id
    {"id": "2", "host name": "Bo", "house_rules": "first line\nsecond line, with a comma"},  # clean
    {"id": "3", "host name": "Cy", "neighbourhood group": "brookln", "price": "$100"},  # clean, corrected
    {"id": "4", "host name": "Di", "number of reviews": ""},  # clean, median of 4, 4, 4, 4 filled in
    {"id": "5", "host name": "Ed", "minimum nights": "-3"},  # rejected
    {"id": "6", "host name": "Fy", "price": "free"},  # rejected
    {"id": "8", "host name": "Gu", "lat": ""},  # rejected
    {"id": "9", "host name": "Hy", "room type": "Castle"},  # rejected
    {"id": "10", "host name": "Io", "last review": "6/16/2058"},  # clean, date replaced by the median
]
ROWS_READ = 11  # the ten above and the malformed one
ROWS_CLEAN = 5  # ids 1, 2, 3, 4 and 10
ROWS_DUPLICATE = 1
REJECTED_BY_REASON = {
    "malformed_record": 1,
    "minimum_nights_out_of_range": 1,
    "invalid_price": 1,
    "missing_lat": 1,
    "unknown_room_type": 1,
}
NEIGHBOURHOODS = 1
# Further rows, so that one reason stands out: distinct hosts, so none of them is a duplicate.
ALSO_REJECTED = [{"id": str(20 + n), "host name": f"Host {n}", "price": "none"} for n in range(3)]


def write_listings(path: Path, more: Sequence[dict[str, str]] = ()) -> Path:
    """Write the data set as CSV, with one record that has three fields too many in the middle.

    ``more`` are rows for the end, as what differs from ``GOOD``.
    """
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, HEADER)
        writer.writeheader()
        for position, changes in enumerate([*ROWS, *more]):
            writer.writerow(GOOD | changes)
            if position == 2:
                csv.writer(stream).writerow([*GOOD.values(), "three", "more", "fields"])
    return path
