# SPDX-License-Identifier: Apache-2.0
"""A file that is bad in every way at once: one gzip, most rows in one place, a wrong price in many."""

from __future__ import annotations

import csv
import gzip
import io
import random
from pathlib import Path
from typing import Final

from demo.listing import HEADER, make_listing

ROWS: Final = 20_000
REJECTED: Final = 8_000  # 40 %
ONE_PLACE: Final = {"neighbourhood group": "Brooklyn", "neighbourhood": "Bushwick"}


def write_bad_case(path: Path) -> Path:
    """Write the same gzip each time: 40 % of the rows have no price, 90 % are in one neighbourhood."""
    draw = random.Random(19)  # noqa: S311 - no secret is made of it
    text = io.StringIO()
    rows = csv.DictWriter(text, HEADER)
    rows.writeheader()
    for index in range(ROWS):
        wrong = {"price": "on request"} if index % 5 < 2 else {}
        rows.writerow(make_listing(index, draw) | (ONE_PLACE if index % 10 else {}) | wrong)
    path.write_bytes(gzip.compress(text.getvalue().encode(), 1))
    return path
