# SPDX-License-Identifier: Apache-2.0
"""The words of a comparison, for terminal and page alike."""

from __future__ import annotations

from trace_viewer.difference.pair import Pair
from trace_viewer.model import text
from trace_viewer.model.document import FAILURES
from trace_viewer.model.names import short_name


def times(factor: float | None) -> str:
    """Print a factor such as ` ×2.4`; nothing where there is none, or it is near one or zero."""  # noqa: RUF002
    if factor is None or 0.95 < factor < 1.05 or factor < 0.05:
        return ""
    return f" ×{factor:.1f}" if factor < 99.5 else f" ×{factor:.0f}"  # noqa: RUF001


def note(pair: Pair) -> str:
    """Return what is not a number: that only one trace has the step, or that it ended differently."""
    if pair.first is None or pair.second is None:
        failed = f", {pair.any.status}" if pair.any.status in FAILURES else ""
        return f"only in {'B' if pair.first is None else 'A'}{failed}"
    if pair.status_changed:
        return f"{pair.first.status} → {pair.second.status}"
    return "failed in both" if pair.first.failure else ""


def full_name(pair: Pair) -> str:
    """Return the name of a step after that of its segment: `Write Data` alone may be of any job."""
    segment = pair.any.segment
    name = text.plain(pair.name)
    return name if segment is pair.any else f"{text.plain(short_name(segment.name))} › {name}"  # noqa: RUF001


def slower_by(seconds: float, of: float) -> str:
    """Return a difference in words, with its share of what it is compared with.

    Example
    -------
    >>> slower_by(4.0, 6.0), slower_by(-20.4, 43.4) == f"is 20.4s faster ({text.MINUS}47 %)", slower_by(0, 1)
    ('is 4.00s slower (+67 %)', True, 'took as long')
    """
    if abs(seconds) < 0.00005:
        return "took as long"
    word = "slower" if seconds > 0 else "faster"
    share = f" ({'+' if seconds > 0 else text.MINUS}{abs(seconds) / of:.0%})".replace("%", " %") if of else ""
    return f"is {text.duration(abs(seconds))} {word}{share}"
