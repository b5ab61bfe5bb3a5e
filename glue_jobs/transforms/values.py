# SPDX-License-Identifier: Apache-2.0
"""Text to values. What is not written as such a value becomes null: the caller decides what null means.

Spark's own casts take more than a person would (``1d``, ``NaN``, ``7.9`` as the integer 7, a year as a date),
so that each is let in by a pattern. Texts and values are SQL expressions: see docs/decisions/sql-text.md.
"""

from __future__ import annotations

from typing import Final

# "3.0" is a whole number: pandas writes integers so where a column has nulls.
_WHOLE: Final = r"^\s*[+-]?[0-9]+(\.0*)?\s*$"
_NUMBER: Final = r"^\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$"
_LARGEST_DOUBLE: Final = "1.7976931348623157E308D"
_MONEY: Final = "decimal(12,2)"
_US_DATE: Final = r"^\s*([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})\s*$"
_ISO_DATE: Final = r"^\s*([0-9]{4}-[0-9]{2}-[0-9]{2})([T ].*)?\s*$"


def whole(text: str, data_type: str) -> str:
    """Read a whole number as ``int`` or ``long``; null outside of that type's range.

    Examples
    --------
    >>> whole("nights", "int").startswith("CASE WHEN coalesce(CAST(CAST(nights AS int) AS string) = nights,")
    True
    """
    value = f"CAST({text} AS {data_type})"
    return f"CASE WHEN {_is_written_as(value, text)} OR {text} RLIKE r'{_WHOLE}' THEN {value} END"


def double(text: str) -> str:
    """Read a finite number."""
    value = f"CASE WHEN {text} RLIKE r'{_NUMBER}' THEN CAST({text} AS double) END"
    return f"CASE WHEN abs({value}) <= {_LARGEST_DOUBLE} THEN {value} END"


def money(text: str) -> str:
    """Read an amount, ``$1,234 ``: dollar signs, commas and blanks removed, decimal(12,2)."""
    plain = text
    for character in ("$", ",", " "):
        plain = f"replace({plain}, '{character}', '')"
    dollars = f"CAST({plain} AS long)"
    bare = rf"regexp_replace({text}, r'[$,\s\u00a0]', '')"
    other = f"CASE WHEN {bare} RLIKE r'{_NUMBER}' THEN CAST({bare} AS {_MONEY}) END"
    return f"CASE WHEN {_is_written_as(dollars, plain)} THEN CAST({dollars} AS {_MONEY}) ELSE {other} END"


def boolean(text: str) -> str:
    """Read true or false, as Spark spells them: also t, yes, y, 1 and f, no, n, 0, in either case."""
    return f"CAST({text} AS boolean)"


def day(text: str) -> str:
    """Read a day, ``M/d/yyyy`` or ISO; the time of an ISO date-time is left out, whatever its zone."""
    month, day_of_month, year = (f"CAST(split_part({text}, '/', {part}) AS int)" for part in (1, 2, 3))
    written = f"concat_ws('/', {month}, {day_of_month}, {year})"
    plain = f"{year} BETWEEN 1000 AND 9999 AND {written} = {text}"
    us_as_iso = f"regexp_replace({text}, r'{_US_DATE}', '$3-$1-$2')"
    iso = f"CASE WHEN {text} RLIKE r'{_ISO_DATE}' THEN regexp_extract({text}, r'{_ISO_DATE}', 1) END"
    other = f"CASE WHEN {text} RLIKE r'{_US_DATE}' THEN {us_as_iso} ELSE {iso} END"
    return f"CASE WHEN {plain} THEN make_date({year}, {month}, {day_of_month}) ELSE CAST({other} AS date) END"


def _is_written_as(value: str, text: str) -> str:
    """Compare a text with how Spark writes its value: most are equal, and need no slow pattern."""
    return f"coalesce(CAST({value} AS string) = {text}, false)"
