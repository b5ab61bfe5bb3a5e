# SPDX-License-Identifier: Apache-2.0
"""Values as Logs Insights has them: text that counts as a number where it looks like one."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

Value = str | float | bool | None
Event = dict[str, Value]

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
_CHUNKS = re.compile(r"[0-9]+|[^0-9]+")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}  # milliseconds


def number(value: Value) -> float | None:
    """Return the number that a value is; ``None`` for what is none."""
    if value is None or isinstance(value, int | float):
        return value
    return float(value) if _NUMBER.fullmatch(value) else None


def text(value: Value) -> str:
    """Write a value as a cell of the result.

    Example
    -------
    >>> text(3.0), text(2.5), text(True)
    ('3', '2.5', '1')
    """
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value)
    return str(int(value)) if isinstance(value, bool) else "" if value is None else str(value)


def sort_key(value: Value) -> tuple[object, ...]:
    """Order as the ``sort`` command's page has it: what is no number first, in chunks; then the numbers.

    Where a missing value goes, that page does not say; here it comes first.
    """
    found = number(value)
    if value is None or found is not None:
        return (0,) if value is None else (2, found)
    return (1, [_chunk_key(part) for part in _CHUNKS.findall(text(value))])


def _chunk_key(part: str) -> tuple[int, int, str]:
    """Text by Unicode, digits by their number; among each other by Unicode again."""
    if "0" <= part[0] <= "9":
        return (1, len(part), part)
    return (0 if part < "0" else 2, 0, part)


def milliseconds(timestamp: Value) -> int | None:
    """Return the epoch milliseconds of an ``@timestamp``, ``2026-01-02 03:04:05.678`` in UTC."""
    if not isinstance(timestamp, str):
        return None
    moment = datetime.strptime(timestamp, "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC)
    return (moment - EPOCH) // timedelta(milliseconds=1)


def period(words: str) -> float:
    """Return a period such as ``5m`` in milliseconds."""
    found = re.fullmatch(r"(\d+)(ms|[smhdw])\w*", words)
    if not found:
        raise ValueError(words)
    return float(found[1]) * _UNITS[found[2]]
