# SPDX-License-Identifier: Apache-2.0
"""Tables that are no CSV as it is read here: another separator, lines before the header, or none."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from transforms.fields import DROPPED, REQUIRED
from transforms.reading.columns import contract_name
from transforms.reading.signatures import AS_CSV

_SEPARATORS: Final = {
    ",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars", "\x01": "Ctrl-A, as Hive writes"
}  # fmt: skip
_KNOWN: Final = frozenset((*REQUIRED, *DROPPED))
_LINES: Final = 20  # where a header is looked for
_LINE_CHARACTERS: Final = 10_000
_HINT: Final = re.compile(r'\s*"?(sep=.?)"?,*\s*', re.IGNORECASE)
_VALUE: Final = re.compile(
    r"[$\s]*[+-]?(?!(19|20)[0-9]{2}$)[0-9][0-9.,]*\s*%?|[0-9]+[/-][0-9]+[/-][0-9]+[ T0-9:]*"
)


class _Header(NamedTuple):
    """A line that may be the header: how many of its fields are columns of the contract."""

    names: int
    separator: str
    line: int  # from 0


def is_csv(text: str) -> bool:
    """Return whether a text looks like a table of listings, whatever separates its fields."""
    return _best_header(text.splitlines()[:_LINES]).names > 1


def csv_mistake(text: str) -> str | None:
    """Return why a header was not found in its first line, as the end of a sentence; None: no idea.

    Examples
    --------
    >>> csv_mistake("id;name;price")
    'is separated by semicolons, not commas: save it as CSV UTF-8 (comma delimited) and upload that'
    """
    lines = [line[:_LINE_CHARACTERS] for line in text.splitlines()[:_LINES]]
    first, header = lines[0] if lines else "", _best_header(lines)
    separated = f"separated by {_SEPARATORS[header.separator]}, not commas"
    other = header.separator != ","
    if hint := _HINT.fullmatch(first):
        remedy = ", and separate the fields by commas" if other else ""
        return f"begins with a hint for Excel, {hint[1]!r}: delete that line{remedy}"
    if header.line:
        found, remedy = (f", {separated}", f", and {AS_CSV}") if other else ("", "")
        return f"has its header in line {header.line + 1}{found}: delete the lines before it{remedy}"
    if other:
        return f"is {separated}: {AS_CSV}"
    return None if header.names else _without_names(_fields(first, ","))


def _best_header(lines: Sequence[str]) -> _Header:
    """Return the line with most names; where none has any, the separator of the first line."""
    best = max(_headers(lines), key=lambda header: header.names, default=_Header(0, ",", 0))
    if best.names > 1:  # one alone may be a value
        return best
    plain = _Header(0, ",", 0)
    if not lines or len(_fields(lines[0], ",")) > 1:
        return plain
    widths = {separator: len(_fields(lines[0], separator)) for separator in _SEPARATORS}
    widest = max(widths, key=lambda separator: widths[separator])
    return _Header(0, widest, 0) if widths[widest] > 2 else plain


def _headers(lines: Sequence[str]) -> Iterator[_Header]:
    """Yield the candidates; of equal ones the first counts: commas, and the first line."""
    for separator in _SEPARATORS:
        for number, line in enumerate(lines):
            found = {contract_name(name) for name in _fields(line, separator)}
            yield _Header(len(found & _KNOWN), separator, number)


def _fields(line: str, separator: str) -> list[str]:
    return next(csv.reader([line], delimiter=separator), [])


def _without_names(fields: Sequence[str]) -> str | None:
    """Return what is wrong where the first line is data, or one field in quotes, and no header; else None."""
    if len(fields) == 1 and is_csv(fields[0]):
        return "has each line in quotes, as one field: take these quotes away and upload it again"
    given = [field.strip() for field in fields if field.strip()]
    values = [field for field in given if _VALUE.fullmatch(field)]
    if len(given) < 3 or len(values) * 3 < len(given):
        return None
    return f"has no header: its first line is data, such as {values[0][:40]}; add the line with the names"
