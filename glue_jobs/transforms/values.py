# SPDX-License-Identifier: Apache-2.0
"""Text to values. What is not written as such a value becomes null: the caller decides what null means.

Spark's own casts take more than a person would (``1d``, ``NaN``, ``7.9`` as the integer 7, a year as a date),
so that each is let in by a pattern.
"""

from __future__ import annotations

from typing import Final

from pyspark.sql import Column
from pyspark.sql import functions as fn

# "3.0" is a whole number: pandas writes integers so where a column has nulls.
_WHOLE: Final = r"^\s*[+-]?[0-9]+(\.0*)?\s*$"
_NUMBER: Final = r"^\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$"
_LARGEST_DOUBLE: Final = 1.7976931348623157e308
_MONEY: Final = "decimal(12,2)"
_US_DATE: Final = r"^\s*([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})\s*$"
_ISO_DATE: Final = r"^\s*([0-9]{4}-[0-9]{2}-[0-9]{2})([T ].*)?\s*$"


def whole(text: Column, data_type: str) -> Column:
    """Read a whole number as ``int`` or ``long``; null outside of that type's range."""
    value = text.cast(data_type)
    return fn.when(_is_written_as(value, text) | text.rlike(_WHOLE), value)


def double(text: Column) -> Column:
    """Read a finite number."""
    value = fn.when(text.rlike(_NUMBER), text.cast("double"))
    return fn.when(fn.abs(value) <= _LARGEST_DOUBLE, value)


def money(text: Column) -> Column:
    """Read an amount, ``$1,234 ``: dollar signs, commas and blanks removed, decimal(12,2)."""
    plain = text
    for character in ("$", ",", " "):
        plain = fn.replace(plain, fn.lit(character), fn.lit(""))
    dollars = plain.cast("long")
    bare = fn.regexp_replace(text, r"[$,\s\u00a0]", "")
    return fn.when(_is_written_as(dollars, plain), dollars.cast(_MONEY)).otherwise(
        fn.when(bare.rlike(_NUMBER), bare.cast(_MONEY))
    )


def boolean(text: Column) -> Column:
    """Read true or false, as Spark spells them: also t, yes, y, 1 and f, no, n, 0, in either case."""
    return text.cast("boolean")


def day(text: Column) -> Column:
    """Read a day, ``M/d/yyyy`` or ISO; the time of an ISO date-time is left out, whatever its zone."""
    month, day_of_month, year = (
        fn.split_part(text, fn.lit("/"), fn.lit(part)).cast("int") for part in (1, 2, 3)
    )
    plain = year.between(1000, 9999) & (fn.concat_ws("/", month, day_of_month, year) == text)
    us_as_iso = fn.regexp_replace(text, _US_DATE, "$3-$1-$2")
    iso = fn.when(text.rlike(_ISO_DATE), fn.regexp_extract(text, _ISO_DATE, 1))
    other = fn.when(text.rlike(_US_DATE), us_as_iso).otherwise(iso).cast("date")
    return fn.when(plain, fn.make_date(year, month, day_of_month)).otherwise(other)


def _is_written_as(value: Column, text: Column) -> Column:
    """True where the text is just how Spark writes the value: most are, and need no slow pattern."""
    return fn.coalesce(value.cast("string") == text, fn.lit(False))
