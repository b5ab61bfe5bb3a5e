# SPDX-License-Identifier: Apache-2.0
"""Column names from the first bytes of an object, without Spark: no row is read for them."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterator
from typing import Any, Final

from transforms.errors import InputError, SchemaError
from transforms.reading.columns import check_names
from transforms.reading.diagnosis import diagnosed
from transforms.reading.storage import Head

_BYTES: Final = "iso-8859-1"  # one character per byte: the rows after the header need not be UTF-8
_BLANK: Final = " \t\r\n"


def csv_names(head: Head, uri: str) -> list[str]:
    """Read the header of a CSV file.

    Raises
    ------
    SchemaError
        When there is no header, it does not end within the head, or it lacks columns.
    InputError
        When the header is not UTF-8, nothing follows it, or it is another kind of file.
    """
    with diagnosed(head.data, uri, "csv"):
        names = _csv_header(head, uri)
        check_names(names, uri)
        return names


def _csv_header(head: Head, uri: str) -> list[str]:
    text = io.StringIO(head.data.removeprefix(codecs.BOM_UTF8).decode(_BYTES), newline="")
    try:
        names = next(csv.reader(text), [])
    except csv.Error:  # a field of more than csv.field_size_limit() characters
        raise SchemaError(f"{uri} has no header: a name in its first line is too long for one.") from None
    rest = text.read()
    if not names and not rest:
        raise InputError(f"{uri} is empty.")
    if not head.complete and not rest:
        raise SchemaError(f"{uri} has a first line without an end: a header is expected there.")
    if not any(names):
        raise SchemaError(f"{uri} begins with an empty line: a header is expected there.")
    try:
        header = [name.encode(_BYTES).decode("utf-8") for name in names]
    except UnicodeDecodeError:
        raise InputError(f"{uri} is not text in UTF-8: save it as UTF-8 and upload it again.") from None
    if head.complete and not rest.strip(_BLANK):
        raise InputError(f"{uri} has a header and no rows.")
    return header


def line_separator(head: Head) -> str:
    r"""Return what ends the header's line: ``\n`` or ``\r\n``; ``\r`` in files that have nothing else."""
    line, newline, _ = head.data.partition(b"\n")
    if newline:
        return "\r\n" if line.endswith(b"\r") else "\n"
    return "\r" if b"\r" in line else "\n"


def json_names(head: Head, uri: str, *, array: bool) -> list[str]:
    """Collect the keys of the records in the head, in the order in which they first appear.

    A key that appears only further on is no column: a record keeps it in ``_more`` when it is rejected.

    Raises
    ------
    SchemaError
        When columns are missing.
    InputError
        When there is no record among them, or it is another kind of file.
    """
    with diagnosed(head.data, uri, "json" if array else "jsonl"):
        names = _json_keys(head, uri, array=array)
        check_names(names, uri)
        return names


def _json_keys(head: Head, uri: str, *, array: bool) -> list[str]:
    text = head.data.removeprefix(codecs.BOM_UTF8).decode("utf-8", errors="replace")
    if not text.strip(_BLANK + "\0"):
        raise InputError(f"{uri} is empty.")
    values = _array_values(text, uri) if array else _line_values(text)
    seen = 0
    names: dict[str, None] = {}
    for value in values:
        seen += 1
        if isinstance(value, dict):
            names.update(dict.fromkeys(value))
    if names:
        return list(names)
    if not seen and head.complete and array and text.strip(_BLANK).endswith("]"):
        raise InputError(f"{uri} is an array without records, or is not JSON.")
    what = "an array of JSON objects" if array else "JSON objects, one on each line"
    raise InputError(f"{uri} is not {what}: no record was found in its first {len(head.data)} bytes.")


def _line_values(text: str) -> Iterator[Any]:
    for line in text.split("\n"):
        if line.strip(_BLANK):
            try:
                yield json.loads(line)
            except (ValueError, RecursionError):
                yield None


def _array_values(text: str, uri: str) -> Iterator[Any]:
    """Yield the elements of an array up to where the text is cut off or broken."""
    start = text.lstrip(_BLANK)
    if not start.startswith("["):
        raise InputError(f"{uri} is not an array of JSON objects: name one object per line .jsonl instead.")
    decoder, rest = json.JSONDecoder(), start[1:].lstrip(_BLANK)
    position = len(start) - len(rest)
    while position < len(start):
        try:
            value, position = decoder.raw_decode(start, position)
        except (ValueError, RecursionError):
            return
        yield value
        while position < len(start) and start[position] in _BLANK + ",":
            position += 1
