# SPDX-License-Identifier: Apache-2.0
"""What the name of an object says about its content."""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

from transforms.errors import InputError

Kind = Literal["csv", "json", "jsonl"]

SUPPORTED: Final = ".csv, .json, .jsonl or .ndjson, each also with .gz"
_NAME: Final = re.compile(r"\.(csv|json|jsonl|ndjson)(\.gz)?$")


class Format(NamedTuple):
    """How to read an object; ``jsonl`` stands for ``ndjson`` too."""

    kind: Kind
    compressed: bool


def format_of(uri: str) -> Format:
    """Tell the format by the extension, lower case as in the upload rule.

    Examples
    --------
    >>> format_of("s3://bucket/input/listings.csv.gz")
    Format(kind='csv', compressed=True)

    Raises
    ------
    InputError
        For any other extension.
    """
    found = _NAME.search(uri)
    if found is None:
        raise InputError(f"{uri} is of an unsupported kind: its name must end in {SUPPORTED}.")
    kinds: dict[str, Kind] = {"csv": "csv", "json": "json"}
    return Format(kinds.get(found[1], "jsonl"), found[2] is not None)
