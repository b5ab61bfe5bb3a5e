# SPDX-License-Identifier: Apache-2.0
"""A comparison of two traces as a table of text."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from trace_viewer.difference.comparison import TOLD, Comparison
from trace_viewer.difference.pair import Counts, Pair
from trace_viewer.model import text
from trace_viewer.model.document import FAILURES, Node
from trace_viewer.model.outline import short_name
from trace_viewer.model.row_counts import ROW_COUNTS
from trace_viewer.model.trace import Trace
from trace_viewer.rendering.terminal.tree import DEFAULT_WIDTH, REASONS_SHOWN

NOTHING = "-"  # a time that a trace lacks
ASCII = str.maketrans({"…": "~", "→": ">", "›": ">", "×": "x", "±": "=", text.MINUS: "-", "✓": "+", "✗": "x"})  # noqa: RUF001


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
    target = io.StringIO()
    console = Console(
        file=target, width=width, force_terminal=color, color_system="standard" if color else None,
        highlight=False, markup=False, emoji=False, legacy_windows=False,
    )  # fmt: skip
    for line in _lines(comparison, width):
        console.print(line, no_wrap=True, overflow="ellipsis", crop=True)
    drawn = "\n".join(line.rstrip() for line in target.getvalue().rstrip().split("\n"))
    return drawn.translate(ASCII).encode("ascii", "replace").decode() if ascii_only else drawn


def _lines(comparison: Comparison, width: int) -> Iterator[Text]:
    yield _run("A", comparison.first)
    yield _run("B", comparison.second)
    total = f"B took {text.change(comparison.change)}{times(comparison.times)}"
    yield Text(total, style="bold red" if comparison.change >= comparison.threshold else "bold")
    for words, pairs in (("slower", comparison.slower), ("faster", comparison.faster)):
        told = ", ".join(f"{full_name(pair)} {text.change(pair.step_change)}" for pair in pairs[:TOLD])
        for line in textwrap.wrap(f"{words}: {told}", max(20, width - 2)) if told else ():
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


def times(factor: float | None) -> str:
    """Print a factor such as ` ×2.4`; nothing where there is none, or it is near one or none."""  # noqa: RUF002
    if factor is None or 0.95 < factor < 1.05 or factor < 0.05:
        return ""
    return f" ×{factor:.1f}" if factor < 99.5 else f" ×{factor:.0f}"  # noqa: RUF001


def _row(pair: Pair, comparison: Comparison) -> Text:
    sides = [text.duration(node.duration) if node else NOTHING for node in (pair.first, pair.second)]
    line = Text(f"{sides[0]:>8} {sides[1]:>8} ")
    notable = abs(pair.change) >= comparison.threshold
    style = ("red" if pair.change > 0 else "green") if notable else "dim"
    line.append(f"{text.change(pair.change):>9}{times(pair.times):<7}", style=style)
    line.append(f"  {'  ' * pair.depth}{text.plain(pair.name)}", style="bold" if pair.any.is_segment else "")
    if note(pair):
        line.append(f"  {note(pair)}", style="yellow")
    return line


def note(pair: Pair) -> str:
    """Say what is not a number: a step that only one trace has, or that ended differently."""
    if pair.first is None or pair.second is None:
        return f"only in {'B' if pair.first is None else 'A'}{_failed(pair.any)}"
    if pair.status_changed:
        return f"{pair.first.status} → {pair.second.status}"
    return "failed in both" if pair.first.failure else ""


def _failed(node: Node) -> str:
    return f", {node.status}" if node.status in FAILURES else ""


def _rows(pair: Pair, width: int) -> Iterator[Text]:
    if pair.first is None or pair.second is None:
        return
    changed = [counts(ROW_COUNTS[name], both) for name, both in pair.rows.items() if both[0] != both[1]]
    reasons = [counts(reason, both) for reason, both in changed_reasons(pair)]
    changed += reasons[:REASONS_SHOWN]
    if len(reasons) > REASONS_SHOWN:
        changed.append(f"and {len(reasons) - REASONS_SHOWN} more reasons")
    lead = " " * 36 + "  " * pair.depth
    for line in textwrap.wrap("rows: " + ", ".join(changed), max(20, width - len(lead))) if changed else ():
        yield Text(lead + line, style="cyan")


def changed_reasons(pair: Pair) -> list[tuple[str, Counts]]:
    """Return the reasons whose rejected rows changed, the largest change first."""
    changed = [(reason, both) for reason, both in pair.reasons.items() if both[0] != both[1]]
    return sorted(changed, key=lambda entry: -abs((entry[1][1] or 0) - (entry[1][0] or 0)))


def counts(words: str, both: Counts) -> str:
    """Print a number of rows in both traces, such as `read 11 → 5,050`."""
    sides = [NOTHING if count is None else f"{count:,}" for count in both]
    return f"{text.plain(words)} {sides[0]} → {sides[1]}"


def full_name(pair: Pair) -> str:
    """Name a step with the segment it belongs to: `Write Data` alone may be of any job."""
    segment = pair.any.segment
    name = text.plain(pair.name)
    return name if segment is pair.any else f"{text.plain(short_name(segment.name))} › {name}"  # noqa: RUF001
