# SPDX-License-Identifier: Apache-2.0
"""What may be uploaded, by the extension of its name."""

from __future__ import annotations

from typing import Final

FORMATS: Final = (".csv", ".json", ".jsonl", ".ndjson")
EXTENSIONS: Final = FORMATS + tuple(f"{extension}.gz" for extension in FORMATS)


def extension_of(name: str) -> str | None:
    """Return the supported extension of a name in any case, itself in lower case; None for every other name.

    Examples
    --------
    >>> extension_of("input/LISTINGS.Csv.gz"), extension_of("listings.xlsx")
    ('.csv.gz', None)
    """
    return next((known for known in EXTENSIONS if name.lower().endswith(known)), None)
