# SPDX-License-Identifier: Apache-2.0
"""Numbers in sentences."""

from __future__ import annotations

from typing import Final

TIMES: Final = "\N{MULTIPLICATION SIGN}"


def duration(seconds: float) -> str:
    """Print seconds with about three digits.

    Examples
    --------
    >>> duration(0.267), duration(2.86), duration(102.4), duration(7500)
    ('267 ms', '2.86 s', '1 min 42 s', '2 h 5 min')
    """
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.3g} s"
    whole = round(seconds)
    return (
        f"{whole // 60} min {whole % 60} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60} min"
    )


def size(count: float) -> str:
    """Print bytes in decimal units.

    Examples
    --------
    >>> size(999), size(2_340_000), size(51e9)
    ('999 B', '2.34 MB', '51 GB')
    """
    for unit in ("B", "kB", "MB", "GB"):
        if count < 999.5:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} TB"


def counted(number: float, word: str) -> str:
    """Print a number of things.

    Examples
    --------
    >>> counted(1, "task"), counted(5000, "task")
    ('1 task', '5,000 tasks')
    """
    return f"{number:,.0f} {word}{'' if number == 1 else 's'}"


def percent(share: float) -> str:
    """Print a share.

    Examples
    --------
    >>> percent(0.4), percent(0.004)
    ('40 %', '0.4 %')
    """
    return f"{share * 100:.0f} %" if share >= 0.095 else f"{share * 100:.1g} %"
