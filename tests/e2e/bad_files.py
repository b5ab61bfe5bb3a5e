# SPDX-License-Identifier: Apache-2.0
"""Files that no run can make anything of."""

from __future__ import annotations

import gzip
from typing import NamedTuple

from tests.e2e import listings


class Bad(NamedTuple):
    """A file and the words that its failure must hold."""

    name: str
    content: bytes
    error: str
    says: str


def _without_price() -> bytes:
    header = [name for name in listings.HEADER if name != "price"]
    return (",".join(header) + "\r\n" + ",".join("x" for _ in header) + "\r\n").encode()


HEADER_ONLY = (",".join(listings.HEADER) + "\r\n").encode()
WRONG_COLUMNS = Bad("wrong columns.csv", _without_price(), "SchemaError", "price")
BAD_FILES = [
    WRONG_COLUMNS,
    Bad("empty.csv", b"", "InputError", "empty"),
    Bad("header-only.csv", HEADER_ONLY, "InputError", "a header and no rows"),
    Bad("broken.csv.gz", gzip.compress(HEADER_ONLY * 500)[:-20], "InputError", "gzip"),
    Bad("not-records.json", b'{"a": [1, 2]}', "InputError", "records"),
]
