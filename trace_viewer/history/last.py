# SPDX-License-Identifier: Apache-2.0
"""How far back, as people write it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from trace_viewer.xray.fetch import RETENTION

_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def time_span(words: str) -> timedelta:
    """Return a time such as `90m`, `12h`, `7d`, `2w`.

    Raises
    ------
    ValueError
        If it is none, or longer than X-Ray keeps a trace.

    Example
    -------
    >>> time_span("36h") == timedelta(days=1, hours=12)
    True
    """
    found = re.fullmatch(r"([0-9]{1,5})([mhdw])", words.strip().lower())
    if not found or not int(found[1]):
        raise ValueError(f"{words[:20]!r} is no time such as 90m, 12h, 7d, 2w")
    last = timedelta(**{_UNITS[found[2]]: int(found[1])})
    if last > RETENTION:
        raise ValueError(f"{words!r} is too long: X-Ray keeps {RETENTION.days} days")
    return last
