# SPDX-License-Identifier: Apache-2.0
"""What the name of an object says about its content."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from data_layout.formats import FORMATS, extension_of
from transforms.errors import InputError

Kind = Literal["csv", "json", "jsonl"]

SUPPORTED: Final = f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}, each also with .gz in lower case"
_KINDS: Final[dict[str, Kind]] = {".csv": "csv", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl"}


class Format(NamedTuple):
    """How to read an object; ``jsonl`` stands for ``ndjson`` too."""

    kind: Kind
    compressed: bool


def format_of(uri: str) -> Format:
    """Return the format that the extension names; see ``extension_of``.

    Examples
    --------
    >>> format_of("s3://bucket/input/listings.csv.gz")
    Format(kind='csv', compressed=True)

    Raises
    ------
    InputError
        For any other extension.
    """
    extension = extension_of(uri)
    if extension is None:
        raise InputError(f"{uri} is of an unsupported kind: its name must end in {SUPPORTED}.")
    return Format(_KINDS[extension.removesuffix(".gz")], extension.endswith(".gz"))
