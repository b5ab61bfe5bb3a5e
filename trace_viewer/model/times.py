# SPDX-License-Identifier: Apache-2.0
"""Times of documents, as people write them."""

from __future__ import annotations

import re
from datetime import datetime, timezone

UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))  # a time from so much on is in units of 1/so much of a second
_LARGEST = 1e20  # nanoseconds of the year 5138


def epoch_seconds(value: object) -> float | None:
    """Return a time in seconds since the epoch; None when it is none.

    X-Ray wants a number of seconds. Some senders write milliseconds or less, numbers as text, or ISO 8601.

    Example
    -------
    >>> epoch_seconds(1700000000.5), epoch_seconds("1700000000500"), epoch_seconds("2023-11-14T22:13:20.5Z")
    (1700000000.5, 1700000000.5, 1700000000.5)
    """
    if type(value) is float and -UNITS[-1][0] < value < UNITS[-1][0]:
        return value
    if isinstance(value, str):
        value = _read(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not abs(value) < _LARGEST:  # neither is NaN
        return None
    return value / next((unit for least, unit in UNITS if abs(value) >= least), 1.0)


def has_other_unit(value: object) -> bool:
    """Return whether a time was written in another unit than seconds."""
    number = _read(value) if isinstance(value, str) and value[4:5] != "-" else value
    return isinstance(number, int | float) and UNITS[-1][0] <= abs(number) < _LARGEST


def _read(words: str) -> float | None:
    if re.fullmatch(r"-?[0-9]{1,24}(\.[0-9]{0,12})?", words):
        return float(words)
    try:
        moment = datetime.fromisoformat(words)
        return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
    except (ValueError, OverflowError):
        return None
