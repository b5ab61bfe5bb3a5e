# SPDX-License-Identifier: Apache-2.0
"""Text to values. What is not written as such a value becomes null: the caller decides what null means.

Spark's own casts take more than a person would (``1d``, ``NaN``, ``7.9`` as the integer 7, a year as a date),
so that each is let in by a pattern. Texts and values are SQL expressions: see docs/decisions/sql-text.md.
"""

from __future__ import annotations

from datetime import date
from typing import Final

# "3.0" is a whole number: pandas writes integers so where a column has nulls.
_WHOLE: Final = r"^\s*[+-]?[0-9]+(\.0*)?\s*$"
_NUMBER: Final = r"^\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$"
_LARGEST_DOUBLE: Final = "1.7976931348623157E308D"
_MONEY: Final = "decimal(12,2)"
_BLANK: Final = r"\s\p{Zs}"  # no-break and thin spaces, too: Excel groups digits with them
_GROUPED: Final = rf"[1-9][0-9]{{0,2}}(?<sep>[,{_BLANK}])[0-9]{{3}}(\k<sep>[0-9]{{3}})*(\.[0-9]*)?"
_PLAIN: Final = r"([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"
_AMOUNT: Final = rf"^[${_BLANK}]*[+-]?[${_BLANK}]*({_GROUPED}|{_PLAIN})[${_BLANK}]*$"
_TIME: Final = r"([T\s]\s*[0-9]{1,2}(:.*)?)?\s*$"  # an hour, and what follows it
_MONTH_FIRST: Final = rf"^\s*([0-9]{{1,2}})([/-])([0-9]{{1,2}})\2([0-9]{{4}}){_TIME}"
_YEAR_FIRST: Final = rf"^\s*([0-9]{{4}})([/-])([0-9]{{1,2}})\2([0-9]{{1,2}}){_TIME}"
_SHORT_YEAR: Final = rf"^\s*([0-9]{{1,2}})/([0-9]{{1,2}})/([0-9]{{2}}){_TIME}"


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
    """Read an amount in dollars, ``$1,234 ``, as decimal(12,2).

    Commas are separators of thousands, and count only in their places, as blanks do: ``1,2,3``, ``1234,50``
    and ``0,123`` are no amounts. What ``1,234`` means is not asked: it is 1234.
    """
    bare = f"trim(BOTH '$ ' FROM {text})"
    plain = f"replace({bare}, ',', '')"
    dollars = f"CAST({plain} AS long)"
    one_comma = f"length({bare}) = length({plain}) + 1 AND substring({bare}, -4, 1) = ','"
    in_place = f"{bare} = {plain} OR ({dollars} BETWEEN 1000 AND 999999 AND {one_comma})"
    digits = f"regexp_replace({text}, r'[$,{_BLANK}]', '')"
    other = f"CASE WHEN {text} RLIKE r'{_AMOUNT}' THEN CAST({digits} AS {_MONEY}) END"
    quick = f"{_is_written_as(dollars, plain)} AND ({in_place})"
    return f"CASE WHEN {quick} THEN CAST({dollars} AS {_MONEY}) ELSE {other} END"


def boolean(text: str) -> str:
    """Read true or false, as Spark spells them: also t, yes, y, 1 and f, no, n, 0, in either case."""
    return f"CAST({text} AS boolean)"


def day(text: str, run_date: date) -> str:
    """Read a day: ``M/d/yyyy``, ``M-d-yyyy``, ``yyyy/MM/dd``, ISO, or ``M/d/yy``.

    A time behind it is left out, whatever its zone. A year of two digits is of the latest century in which
    the day is not after ``run_date``.
    """
    month, day_of_month, year = (f"CAST(split_part({text}, '/', {part}) AS int)" for part in (1, 2, 3))
    written = f"concat_ws('/', {month}, {day_of_month}, {year})"
    plain = f"{year} BETWEEN 1000 AND 9999 AND {written} = {text}"
    return (
        f"CASE WHEN {plain} THEN make_date({year}, {month}, {day_of_month}) "
        f"WHEN {text} RLIKE r'{_MONTH_FIRST}' THEN {_as_date(text, _MONTH_FIRST, '$4-$1-$3')} "
        f"WHEN {text} RLIKE r'{_YEAR_FIRST}' THEN {_as_date(text, _YEAR_FIRST, '$1-$3-$4')} "
        f"WHEN {text} RLIKE r'{_SHORT_YEAR}' THEN {_in_its_century(text, run_date)} END"
    )


def _in_its_century(text: str, run_date: date) -> str:
    century = run_date.year // 100
    latest, before = (_as_date(text, _SHORT_YEAR, f"{number}$3-$1-$2") for number in (century, century - 1))
    return f"CASE WHEN {latest} <= DATE '{run_date}' THEN {latest} ELSE {before} END"


def _as_date(text: str, pattern: str, iso: str) -> str:
    return f"CAST(regexp_replace({text}, r'{pattern}', '{iso}') AS date)"


def _is_written_as(value: str, text: str) -> str:
    """Compare a text with how Spark writes its value: most are equal, and need no slow pattern."""
    return f"coalesce(CAST({value} AS string) = {text}, false)"
