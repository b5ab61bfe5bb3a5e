# SPDX-License-Identifier: Apache-2.0
"""Numbers and foreign text, made fit to print."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timezone

from xray_common.scrubbing import scrub

MINUS = "\N{MINUS SIGN}"

_INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode categories that can move a cursor, hide or reorder text, or break a line."""


def duration(seconds: float) -> str:
    """Print a duration with about three digits.

    Example
    -------
    >>> duration(0.0004), duration(0.34), duration(7.25), duration(102.4), duration(7500)
    ('0.4ms', '340ms', '7.25s', '1m 42s', '2h 05m')
    """
    if seconds < 0.00995:
        return f"{round(seconds * 1000, 1):g}ms"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f}ms"
    if seconds < 9.995:
        return f"{seconds:.2f}s"
    if seconds < 59.95:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02d}s"
    minutes = round(seconds / 60)
    return f"{minutes // 60}h {minutes % 60:02d}m"


def size(count: int) -> str:
    """Print a number of bytes, in decimal units.

    Example
    -------
    >>> size(999), size(2_340_000), size(51_000_000_000)
    ('999 B', '2.3 MB', '51 GB')
    """
    amount, units = float(count), ["B", "kB", "MB", "GB", "TB"]
    while amount >= 999.5 and len(units) > 1:
        amount, units = amount / 1000, units[1:]
    return f"{amount:.1f} {units[0]}" if amount < 9.95 and units[0] != "B" else f"{amount:.0f} {units[0]}"


def change(seconds: float) -> str:
    """Print a difference of durations with its sign.

    Example
    -------
    >>> change(1.5), change(-0.02) == f"{MINUS}20ms", change(0.0)
    ('+1.50s', True, '±0ms')
    """
    if abs(seconds) < 0.00005:
        return "±0ms"
    return f"{'+' if seconds > 0 else MINUS}{duration(abs(seconds))}"


def moment(epoch_seconds: float) -> str:
    """Print an epoch time as UTC, to the second; a number that is no time of this era as it stands."""
    try:
        return f"{datetime.fromtimestamp(epoch_seconds, timezone.utc):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):
        return f"{epoch_seconds:.3f}"


def clock(epoch_seconds: float) -> str:
    """Print the time of day of an epoch time, such as `08:27:22 UTC`."""
    return moment(epoch_seconds).partition(" ")[2] or moment(epoch_seconds)


def plain(value: object, limit: int = 0) -> str:
    r"""Return text on one line without control characters, cut to `limit` characters (0: not cut).

    Names and messages come from strangers: an escape sequence in one must not reach a terminal.

    Example
    -------
    >>> plain("a\x1b[31m\nb"), plain("abcdef", 4)
    ('a�[31m b', 'abc…')
    """
    text = "".join(_plain_character(character) for character in str(value))
    return text if not limit or len(text) <= limit else text[: limit - 1] + "…"


def sentence(value: object, limit: int = 0) -> str:
    """Return an error or a log line fit to print: `plain`, and without secrets.

    Example
    -------
    >>> sentence("cannot open postgresql://etl:hunter2@db/orders")
    'cannot open postgresql://***@db/orders'
    """
    return plain(scrub(str(value)), limit)


def _plain_character(character: str) -> str:
    if character in "\n\r\t":
        return " "
    return "\N{REPLACEMENT CHARACTER}" if unicodedata.category(character) in _INVISIBLE else character
