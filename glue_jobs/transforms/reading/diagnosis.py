# SPDX-License-Identifier: Apache-2.0
"""What an object is that could not be read as what its name says: one sentence, with the remedy."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from transforms.errors import InputError
from transforms.reading.dialects import csv_mistake, is_csv
from transforms.reading.formats import Kind
from transforms.reading.signatures import GZIP, signature

_LOOKED_AT_BYTES: Final = 64 << 10
_JSON: Final = re.compile(r"[\[{]\s*[\"{\[\]}]")


@contextmanager
def diagnosed(data: bytes, uri: str, kind: Kind) -> Iterator[None]:
    """Report what an object is when this block refuses it, where its first bytes show that.

    Nothing that can be read is refused for what it looks like.

    Raises
    ------
    InputError
        Instead of the block's own, which stays where nobody knows better.
    """
    try:
        yield
    except InputError:
        if found := diagnose(data, kind, compressed=uri.endswith(".gz")):
            raise InputError(f"{uri} {found}.") from None
        raise


def diagnose(data: bytes, kind: Kind, *, compressed: bool = False) -> str | None:
    """Return what data is that cannot be read as ``kind``, as the end of a sentence, or None.

    Examples
    --------
    >>> diagnose(b"[{}]", "csv")
    'holds JSON: end its name in .json, or .jsonl'
    """
    if compressed and data.startswith(GZIP):
        return "is compressed twice: unpack it once and upload it again"
    if found := signature(data):
        return found
    text = data[:_LOOKED_AT_BYTES].removeprefix(codecs.BOM_UTF8).decode("utf-8", errors="replace").lstrip()
    if kind == "csv":
        return "holds JSON: end its name in .json, or .jsonl" if _JSON.match(text) else csv_mistake(text)
    if kind == "jsonl" and text.startswith("[") and not _is_json(text.splitlines()[0]):
        return "is one JSON array: end its name in .json"
    return "holds CSV: end its name in .csv" if not _JSON.match(text) and is_csv(text) else None


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True
