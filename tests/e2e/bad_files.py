# SPDX-License-Identifier: Apache-2.0
"""A file that no run can make anything of."""

from __future__ import annotations

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


WRONG_COLUMNS = Bad("wrong columns.csv", _without_price(), "SchemaError", "price")
