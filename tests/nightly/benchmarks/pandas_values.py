# SPDX-License-Identifier: Apache-2.0
"""Amounts and days of the data contract in pandas; what is not written as one becomes null."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

_GROUPED: Final = r"[1-9][0-9]{0,2}(?P<separator>[,\s])[0-9]{3}(?:(?P=separator)[0-9]{3})*(?:\.[0-9]*)?"
_PLAIN: Final = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_AMOUNT: Final = rf"[$\s]*[+-]?[$\s]*(?:{_GROUPED}|{_PLAIN})[$\s]*"
_TIME: Final = r"(?:[T\s]\s*[0-9]{1,2}(?::.*)?)?\s*$"
_MONTH_FIRST: Final = rf"^\s*(?P<m>[0-9]{{1,2}})(?P<_>[/-])(?P<d>[0-9]{{1,2}})(?P=_)(?P<y>[0-9]{{4}}){_TIME}"
_YEAR_FIRST: Final = rf"^\s*(?P<y>[0-9]{{4}})(?P<_>[/-])(?P<m>[0-9]{{1,2}})(?P=_)(?P<d>[0-9]{{1,2}}){_TIME}"
_SHORT_YEAR: Final = rf"^\s*(?P<m>[0-9]{{1,2}})/(?P<d>[0-9]{{1,2}})/(?P<y>[0-9]{{2}}){_TIME}"


def amounts(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Read dollars; commas and blanks count only as separators of thousands in their places."""
    written = texts.where(texts.str.fullmatch(_AMOUNT, na=False))
    bare = written.str.replace(r"[$,\s]", "", regex=True)
    numbers = pd.to_numeric(bare, errors="coerce").astype("float64")
    return numbers.where(numbers.abs() < 1e10)


def days(texts: pd.Series[Any], run_date: pd.Timestamp) -> pd.Series[Any]:
    """Read days; the quick format first, since it is that of nearly all."""
    found = pd.to_datetime(texts, format="%m/%d/%Y", errors="coerce")
    for pattern, centuries in ((_MONTH_FIRST, [""]), (_YEAR_FIRST, [""]), (_SHORT_YEAR, ["19", "20"])):
        parts = texts[found.isna()].str.extract(pattern).dropna()
        for century in centuries:
            iso = century + parts["y"] + "-" + parts["m"] + "-" + parts["d"]
            dates = pd.to_datetime(iso, format="%Y-%m-%d", errors="coerce")
            found.update(dates[dates <= run_date] if century else dates)
    return found
