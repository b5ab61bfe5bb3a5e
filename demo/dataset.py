# SPDX-License-Identifier: Apache-2.0
"""The demo's own data set: made up, the same for the same seed, with an example of all that can be wrong."""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from demo.listing import HEADER, Listing, make_listing

MIN_ROWS: Final = 500  # fewer have no room for every fault

# Reason -> (column, values that cause it). Each listing with a fault has exactly this one.
_REJECTED: Final = {
    "minimum_nights_out_of_range": ("minimum nights", ("0", "-12", "365", "3455", "", "a week")),
    "invalid_price": ("price", ("", "on request", "$1,2x0 ")),
    "invalid_service_fee": ("service fee", ("", "none")),
    "missing_neighbourhood_group": ("neighbourhood group", ("",)),
    "missing_neighbourhood": ("neighbourhood", ("",)),
    "missing_lat": ("lat", ("",)),
    "missing_long": ("long", ("",)),
    "missing_construction_year": ("Construction year", ("",)),
    "missing_review_rate_number": ("review rate number", ("",)),
    "unknown_room_type": ("room type", ("Treehouse", "")),
    "invalid_reviews_per_month": ("reviews per month", ("few", "NaN")),
    "negative_reviews_per_month": ("reviews per month", ("-0.21",)),
    "invalid_number_of_reviews": ("number of reviews", ("1.5", "many")),
    "negative_number_of_reviews": ("number of reviews", ("-3",)),
    "invalid_calculated_host_listings_count": ("calculated host listings count", ("2,5",)),
    "negative_calculated_host_listings_count": ("calculated host listings count", ("-1",)),
    "invalid_id": ("id", ("", "A17")),
    "invalid_lat": ("lat", ("40.6N",)),
    "invalid_long": ("long", ("west",)),
    "invalid_construction_year": ("Construction year", ("20l7",)),
    "invalid_review_rate_number": ("review rate number", ("4.5",)),
    "invalid_instant_bookable": ("instant_bookable", ("maybe",)),
}
# What a rule puts right: the listing stays.
_CORRECTED: Final = (
    ("NAME", ("",)),
    ("host name", ("",)),
    ("host_identity_verified", ("",)),
    ("country", ("",)),
    ("country code", ("",)),
    ("instant_bookable", ("",)),
    ("cancellation_policy", ("",)),
    ("neighbourhood group", ("brookln", "manhatan")),
    ("reviews per month", ("",)),
    ("number of reviews", ("",)),
    ("calculated host listings count", ("",)),
    ("last review", ("", "6/31/2019", "soon", "6/16/2058", "1/1/1999", "2021-10-19", "2021-10-19T12:30:00")),
)
_EACH: Final = 1500  # one record in so many has a given fault; one at least
_DUPLICATES: Final = 100  # one in so many is there twice
_MALFORMED: Final = "malformed_record"
_DUPLICATE: Final = "duplicate"
_Fault = tuple[str, str, str]  # reason or "", column or kind, value


def generate(path: Path, rows: int = 5000, seed: int = 7) -> dict[str, int]:
    """Write a CSV file with listings of New York, in the form of the public Airbnb Open Data set.

    Fields over several lines, quotes, commas, accents, prices like ``$1,234 ``, two records run together in
    one line, a record in another encoding, duplicates with a larger and a smaller id than their original.

    Parameters
    ----------
    path
        File to write; it is there when it is whole.
    rows
        Records in the file, ``MIN_ROWS`` at least.
    seed
        The same seed gives the same bytes.

    Returns
    -------
    dict
        How many records are a ``duplicate``, or rejected for which reason.
    """
    if rows < MIN_ROWS:
        raise ValueError(f"{rows} rows have no room for every fault: ask for {MIN_ROWS} or more.")
    rng = random.Random(seed)  # noqa: S311 - no secret is made of it
    plan = _plan(rows, rng)
    part = path.with_name(f"{path.name}.part")
    with part.open("wb") as file:
        file.write(_line(HEADER))
        good = make_listing(0, rng)
        for index in range(rows):
            listing, fault = make_listing(index, rng), plan.get(index)
            if fault is None:
                good = listing
            file.write(_record(listing, good, fault))
    part.replace(path)
    return dict(sorted(Counter(fault[0] for fault in plan.values() if fault[0]).items()))


def _plan(rows: int, rng: random.Random) -> dict[int, _Fault]:
    """Choose the records with a fault, each with one; the first record has none."""
    faults = [(reason, column, value) for reason, (column, values) in _REJECTED.items() for value in values]
    faults += [("", column, value) for column, values in _CORRECTED for value in values]
    faults += [(_MALFORMED, kind, "") for kind in ("run together", "cut off", "latin-1")]
    faults *= max(1, rows // _EACH)
    faults += [(_DUPLICATE, order, "") for order in ("after", "before")] * (rows // _DUPLICATES // 2)
    return dict(zip(rng.sample(range(1, rows), len(faults)), faults, strict=True))


def _record(listing: Listing, good: Listing, fault: _Fault | None) -> bytes:
    """Write a listing with its fault; ``good`` is an earlier one without any."""
    reason, column, value = fault or ("", "", "")
    if reason == _DUPLICATE:
        shift = 1 if column == "after" else -1
        return _line((good | {"id": str(int(good["id"]) + shift), "last review": ""}).values())
    if reason == _MALFORMED:
        return _malformed(listing, good, column)
    return _line((listing | {column: value} if column else listing).values())


def _malformed(listing: Listing, good: Listing, kind: str) -> bytes:
    if kind == "latin-1":
        return _line((listing | {"NAME": "Chambre d'hôte à louer"}).values(), encoding="iso-8859-1")
    fields = [*listing.values()]
    # "Run together" is a listing whose last field and line break are lost, as in the public data.
    return _line([*fields[:-1], *good.values()] if kind == "run together" else fields[:19])


def _line(fields: Iterable[str], encoding: str = "utf-8") -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(fields)
    return text.getvalue().encode(encoding, errors="replace")
