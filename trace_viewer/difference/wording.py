# SPDX-License-Identifier: Apache-2.0
"""The words of a comparison, for terminal and page alike."""

from __future__ import annotations

from trace_viewer.difference.comparison import Comparison
from trace_viewer.difference.pair import Pair
from trace_viewer.model import text
from trace_viewer.model.document import FAILURES
from trace_viewer.model.names import short_name

UNITS = ((1, "row"), (1_000, "thousand rows"), (1_000_000, "million rows"))
READABLE_S = 0.01  # a shorter time wants a larger unit
NAMED = 3  # steps named in a sentence


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


def summary(comparison: Comparison) -> str:
    """Return what became of the whole: `B is 20.4s faster (−47 %)`."""  # noqa: RUF002
    return f"B {slower_by(comparison.change, comparison.first.tree.duration)}"


def per_row(comparison: Comparison) -> str:
    """Return what became of a row, and which steps its rows do not explain; empty for runs of one size."""
    if comparison.rows is None or comparison.growth == 1.0:
        return ""
    sides = zip((comparison.first, comparison.second), comparison.rows, strict=True)
    before, after = (trace.tree.duration / rows for trace, rows in sides)
    unit, its = next((entry for entry in UNITS if before * entry[0] >= READABLE_S), UNITS[-1])
    times = f"{comparison.growth:.2g}" if comparison.growth < 99.5 else f"{comparison.growth:.0f}"
    rows = f"{times}× the rows ({comparison.rows[0]:,} → {comparison.rows[1]:,})"  # noqa: RUF001
    rate = f"{text.duration(before * unit)} → {text.duration(after * unit)} per {its}"
    beyond = [f"{full_name(pair)} {text.change(by)}" for pair, by in comparison.slower_than_rows[:NAMED]]
    more = f"; more than its rows explain: {', '.join(beyond)}" if beyond else ""
    return f"B has {rows}: {rate}{share(after - before, before)}{more}"


def slower_by(seconds: float, of: float) -> str:
    """Return a difference in words, with its share of what it is compared with.

    Example
    -------
    >>> slower_by(4.0, 6.0), slower_by(-20.4, 43.4) == f"is 20.4s faster ({text.MINUS}47 %)", slower_by(0, 1)
    ('is 4.00s slower (+67 %)', True, 'took as long')
    """
    if abs(seconds) < 0.00005:
        return "took as long"
    return f"is {text.duration(abs(seconds))} {'slower' if seconds > 0 else 'faster'}{share(seconds, of)}"


def share(change: float, of: float) -> str:
    """Return a change as a share with its sign, such as ` (+67 %)`; empty where there is nothing to share."""
    if not of or abs(change) < of / 200:
        return ""
    return f" ({'+' if change > 0 else text.MINUS}{abs(change) / of * 100:.0f} %)"
