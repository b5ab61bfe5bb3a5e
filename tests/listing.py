# SPDX-License-Identifier: Apache-2.0
"""A listing with nothing wrong with it, to be changed, as text."""

from __future__ import annotations

import csv
import io

# Column as the public data set writes it -> its value in a good listing.
GOOD: dict[str, str] = {
    "id": "1", "NAME": "Sunny loft", "host id": "77", "host_identity_verified": "verified",
    "host name": "Elise", "neighbourhood group": "Manhattan", "neighbourhood": "Harlem",
    "lat": "40.80902", "long": "-73.9419",
    "country": "United States", "country code": "US", "instant_bookable": "TRUE",
    "cancellation_policy": "flexible", "room type": "Private room", "Construction year": "2005",
    "price": "$1,620 ", "service fee": "$124 ", "minimum nights": "3", "number of reviews": "9",
    "last review": "6/22/2019", "reviews per month": "0.25", "review rate number": "5",
    "calculated host listings count": "4", "availability 365": "352", "house_rules": "No smoking.",
    "license": "",
}  # fmt: skip


def csv_line(fields: list[str] | None = None, **changes: str) -> str:
    """One CSV record: the good listing with changes (``minimum_nights`` stands for ``minimum nights``)."""
    known = {name.replace(" ", "_").lower(): name for name in GOOD}
    values = GOOD | {known[name]: value for name, value in changes.items()}
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(fields if fields is not None else values.values())
    return text.getvalue()


def header_line() -> str:
    """The header of the public data set."""
    return ",".join(GOOD)


def json_record(**changes: object) -> dict[str, object]:
    """The good listing as a JSON record under the contract's names, with changes."""
    values = {name.replace(" ", "_").lower(): value for name, value in GOOD.items()}
    return values | changes
