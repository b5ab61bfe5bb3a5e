# SPDX-License-Identifier: Apache-2.0
"""A comparison of two traces as a table of text."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from trace_viewer.difference.comparison import Comparison
from trace_viewer.difference.pair import Counts, Pair
from trace_viewer.difference.wording import NAMED, full_name, note, per_row, summary, times
from trace_viewer.model import text
from trace_viewer.model.row_counts import row_word
from trace_viewer.model.trace import Trace
from trace_viewer.rendering.terminal.canvas import DEFAULT_WIDTH, draw, wrap

REASONS_SHOWN = 8  # reasons of rejection whose rows changed, per job
NOTHING = "-"  # a time or a count that a trace lacks


def render_comparison(
    comparison: Comparison, *, width: int | None = None, color: bool = False, ascii_only: bool = False
) -> str:
    """Draw a comparison for a terminal: what got slower, then every step that changed.

    Parameters
    ----------
    width
        Characters per line; longer lines are cut.
    color
        Add ANSI colours.
    ascii_only
        Draw with ASCII characters only.
    """
    width = width or DEFAULT_WIDTH
    return draw(_lines(comparison, width), width=width, color=color, ascii_only=ascii_only)


def _lines(comparison: Comparison, width: int) -> Iterator[Text]:
    yield _run("A", comparison.first)
    yield _run("B", comparison.second)
    is_slower = comparison.change >= comparison.threshold
    yield Text(summary(comparison), style="bold red" if is_slower else "bold")
    for line in wrap(per_row(comparison), width - 2):
        yield Text(f"  {line}", style="cyan")
    for words, pairs in (("slower", comparison.slower), ("faster", comparison.faster)):
        named = ", ".join(f"{full_name(pair)} {text.change(pair.step_change)}" for pair in pairs[:NAMED])
        for line in wrap(f"{words}: {named}", width - 2) if named else ():
            yield Text(f"  {line}", style="red" if words == "slower" else "green")
    yield Text()
    yield Text(f"{'A':>8} {'B':>8} {'change':>9}         name", style="dim")
    notable = comparison.notable
    for pair in notable:
        yield _row(pair, comparison)
        yield from _rows(pair, width)
    left_out = len(comparison.pairs) - len(notable)
    if left_out:
        yield Text(
            f"and {left_out:,} spans that changed by less than {text.duration(comparison.threshold)}",
            style="dim",
        )


def _run(label: str, trace: Trace) -> Text:
    tree = trace.tree
    line = Text(f"{label}  {tree.status.upper():<7}  {text.duration(tree.duration):>7}")
    return line.append(f"  {text.moment(tree.start)}  {text.plain(trace.id)}", style="dim")


def _row(pair: Pair, comparison: Comparison) -> Text:
    sides = [text.duration(node.duration) if node else NOTHING for node in (pair.first, pair.second)]
    line = Text(f"{sides[0]:>8} {sides[1]:>8} ")
    notable = abs(pair.change) >= comparison.threshold
    style = ("red" if pair.change > 0 else "green") if notable else "dim"
    line.append(f"{text.change(pair.change):>9}{times(pair.times):<7}", style=style)
    line.append(f"  {'  ' * pair.depth}{text.plain(pair.name)}", style="bold" if pair.any.is_segment else "")
    if words := note(pair):
        line.append(f"  {words}", style="yellow")
    return line


def _rows(pair: Pair, width: int) -> Iterator[Text]:
    if pair.first is None or pair.second is None:
        return
    changed = [_counts(row_word(name), both) for name, both in pair.rows.items() if both[0] != both[1]]
    reasons = [_counts(reason, both) for reason, both in pair.changed_reasons.items()]
    changed += reasons[:REASONS_SHOWN]
    if len(reasons) > REASONS_SHOWN:
        changed.append(f"and {len(reasons) - REASONS_SHOWN} more reasons")
    lead = " " * 36 + "  " * pair.depth
    for line in wrap("rows: " + ", ".join(changed), width - len(lead)) if changed else ():
        yield Text(lead + line, style="cyan")


def _counts(words: str, both: Counts) -> str:
    """Print a number of rows in both traces, such as `read 11 → 5,050`."""
    sides = [NOTHING if count is None else f"{count:,}" for count in both]
    return f"{text.plain(words)} {sides[0]} → {sides[1]}"
