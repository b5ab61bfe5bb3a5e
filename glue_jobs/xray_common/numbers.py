# SPDX-License-Identifier: Apache-2.0
"""Numbers of strangers: which of them can have been counted or measured."""

from __future__ import annotations

from typing import Final

_HUGE: Final = 1e18  # bytes or milliseconds; nothing that was measured is larger


def as_measured(value: object) -> float | None:
    """Return a number that is neither negative nor NaN nor huge; None for anything else, text too.

    Examples
    --------
    >>> as_measured(3), as_measured(0.5), as_measured("3"), as_measured(-3), as_measured(10**400)
    (3, 0.5, None, None, None)
    """
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    return value if 0 <= value < _HUGE else None
