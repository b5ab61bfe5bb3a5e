# SPDX-License-Identifier: Apache-2.0
"""What may be uploaded, by the extension of its name."""

from __future__ import annotations

from typing import Final

FORMATS: Final = (".csv", ".json", ".jsonl", ".ndjson")
COMPRESSED: Final = ".gz"


def extension_of(name: str) -> str | None:
    """Return the supported extension of a name, in lower case; None for every other name.

    The format counts in any case (``LISTINGS.CSV`` is CSV). ``.gz`` does in lower case alone: Hadoop unpacks
    no other, and would read the packed bytes.

    Examples
    --------
    >>> extension_of("input/LISTINGS.Csv.gz"), extension_of("a.csv.GZ"), extension_of("listings.xlsx")
    ('.csv.gz', None, None)
    """
    packed = COMPRESSED if name.endswith(COMPRESSED) else ""
    plain = name.removesuffix(packed).lower()
    return next((f"{known}{packed}" for known in FORMATS if plain.endswith(known)), None)
