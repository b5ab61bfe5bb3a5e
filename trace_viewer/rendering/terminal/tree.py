# SPDX-License-Identifier: Apache-2.0
"""A trace as a tree of text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from rich.text import Text

from trace_viewer.model import text
from trace_viewer.model.cost_words import cost_line
from trace_viewer.model.document import Node
from trace_viewer.model.failures import also_to_show, own_exception
from trace_viewer.model.names import short_name
from trace_viewer.model.outline import chain_of, critical_time, facts, notes, select_children, shown_children
from trace_viewer.model.row_counts import rejected_by_reason, row_counts, row_word
from trace_viewer.model.spark import summarize
from trace_viewer.model.trace import Trace
from trace_viewer.rendering.terminal.canvas import DEFAULT_WIDTH, draw
from trace_viewer.rendering.terminal.findings import findings_lines
from xray_common.conventions import ROWS_READ

GLUE = "\N{NO-BREAK SPACE}"  # keeps a word and its number on one line
PROBLEMS_SHOWN = 8
REASONS_SHOWN = 8  # rejected rows by reason, below a job; the page shows all
BAR_FROM_WIDTH, SELF_FROM_WIDTH = 90, 70  # characters of width from which a column is shown
STYLES = {
    "fault": "bold red",
    "throttle": "bold yellow",
    "error": "bold yellow",
    "running": "cyan",
    "unknown": "dim",
    "ok": "",
}


@dataclass(frozen=True, slots=True)
class _Marks:
    """The characters of the tree, for terminals that have them and for those that have not."""

    failed: str = "✗"
    running: str = "…"
    ok: str = "✓"
    tee: str = "├ "
    corner: str = "└ "
    pipe: str = "│ "
    bar: str = "─"
    critical: str = "━"
    arrow: str = " › "  # noqa: RUF001 meant
    flow: str = " → "


ASCII = _Marks("x", "~", "+", "|-", "`-", "| ", "-", "=", " > ", " -> ")


def render_tree(
    trace: Trace, *, width: int | None = None, color: bool = False, ascii_only: bool = False
) -> str:
    """Draw a trace for a terminal.

    One line per span: duration, time of its own, when it ran (heavy where on the critical path), name, rows
    and annotations. A failed step shows its exception on the next line. A chain of only children takes one.

    Parameters
    ----------
    width
        Characters per line; longer lines are cut. Columns are dropped on narrow terminals.
    color
        Add ANSI colours.
    ascii_only
        Draw with ASCII characters only; what the trace has of others becomes `?`.

    Raises
    ------
    EmptyTraceError
        If the trace has nothing to show.
    """
    drawing = _Drawing(trace, width or DEFAULT_WIDTH, ASCII if ascii_only else _Marks())
    return draw(drawing.lines(), width=drawing.width, color=color, ascii_only=ascii_only)


class _Drawing:
    """Builds the lines of one trace."""

    def __init__(self, trace: Trace, width: int, marks: _Marks) -> None:
        self.trace, self.tree, self.width, self.marks = trace, trace.tree, width, marks
        self.bar_width = max(12, min(30, (width - 70) // 2)) if width >= BAR_FROM_WIDTH else 0
        self.show_self = width >= SELF_FROM_WIDTH
        self.facts, self.notes = facts(self.tree), notes(self.tree)
        self.indent_limit = max(8, width // 5) * 2
        self._no_bar = Text(" " * self.bar_width)

    def lines(self) -> Iterator[Text]:
        """Yield the heading, the failure, the tree and the problems of the documents."""
        yield self._heading()
        shared = "  ".join(f"{text.plain(name)}={text.plain(value)}" for name, value in self.facts.items())
        yield from self._wrapped(shared, "dim")
        yield from self._wrapped(cost_line(self.trace.cost), "dim")
        yield from self._failure()
        yield from findings_lines(self.trace.findings, width=self.width, arrow=self.marks.arrow)
        yield Text()
        yield self._columns("total", "self", self._no_bar, Text(), style="dim")
        yield from self._rows(self.tree.root)
        yield from self._problems()

    def _problems(self) -> Iterator[Text]:
        problems = self.tree.problems
        for problem in problems[:PROBLEMS_SHOWN]:
            for index, line in enumerate(textwrap.wrap(text.plain(problem), max(20, self.width - 6))):
                yield Text(f"{'      ' if index else 'note: '}{line}", style="yellow")
        if len(problems) > PROBLEMS_SHOWN:
            more = len(problems) - PROBLEMS_SHOWN
            yield Text(f"note: {more:,} more documents have problems like these.", style="yellow")

    def _heading(self) -> Text:
        tree = self.tree
        mark, style = {
            "failed": (self.marks.failed, "bold red"),
            "running": (self.marks.running, "cyan"),
            "ok": (self.marks.ok, "bold green"),
        }[tree.status]
        line = Text().append(f"{mark} {tree.status.upper()}", style=style)
        line.append(f"  {text.duration(tree.duration)}  {text.moment(tree.start)}", style="default")
        return line.append(f"  {text.plain(self.trace.id)}", style="dim")

    def _failure(self) -> Iterator[Text]:
        failure = self.tree.failure
        if failure is None:
            return
        path = self.marks.arrow.join(text.plain(short_name(node.name)) for node in failure.step)
        yield from self._wrapped(f"failed in {path}", "red")
        if failure.exception:
            yield from self._wrapped(text.plain(failure.exception.headline), "bold red")
            for words in also_to_show(failure.node):
                yield from self._wrapped(text.plain(words), "red")

    def _wrapped(self, words: str, style: str) -> Iterator[Text]:
        for line in textwrap.wrap(words, max(20, self.width - 2)):
            yield Text(f"  {line}", style=style)

    def _rows(self, root: Node) -> Iterator[Text]:
        stack: list[tuple[Node | str, str, str]] = [(root, "", "")]
        while stack:
            item, lead, below = stack.pop()
            if isinstance(item, str):
                yield self._columns("", "", self._no_bar, Text(f"{lead}{item}", style="dim"))
                continue
            chain = chain_of(item)
            yield self._row(chain, lead)
            children, left_out = select_children(shown_children(chain[-1]))
            yield from self._below(chain[-1], below + (self.marks.pipe if children else "  "))
            entries: list[Node | str] = [*children, *([left_out] if left_out else [])]
            for index in range(len(entries) - 1, -1, -1):
                last = index == len(entries) - 1
                lead_in, next_below = (self.marks.corner, "  ") if last else (self.marks.tee, self.marks.pipe)
                if len(below) >= self.indent_limit:  # deeper levels would push the names off the line
                    next_below = ""
                stack.append((entries[index], below + lead_in, below + next_below))

    def _row(self, chain: list[Node], lead: str) -> Text:
        node = chain[0]
        name = Text().append(lead, style="dim")  # a style of the whole text would dim the name, too
        if node.failure:
            name.append(f"{self.marks.failed} ", style=STYLES[node.failure])
        elif node.in_progress:
            name.append(f"{self.marks.running} ", style=STYLES["running"])
        names = self.marks.arrow.join(text.plain(short_name(part.name)) for part in chain)
        name.append(names, style=STYLES[node.status] or ("bold" if node.is_segment else "default"))
        if _kind(chain[-1]):
            name.append(f"  {text.plain(_kind(chain[-1]))}", style="dim")
        name.append(_rows_text(node, self.marks), style="cyan")
        if summary := summarize(chain[-1]):
            name.append(f"  {summary.replace(' → ', self.marks.flow)}", style="dim")
        for key, value in self.notes[node.id].items():
            if key not in self.facts:
                name.append(f"  {text.plain(key)}={text.plain(value, 60)}", style="dim")
        if node.end_unknown and not node.is_missing:
            name.append("  end unknown", style="dim")
        own = ""
        if shown_children(chain[-1]) and not node.end_unknown:
            own = text.duration(sum(part.self_time for part in chain))
        words = {"running": node.in_progress, "unknown": node.end_unknown}
        total = next((word for word, fits in words.items() if fits), text.duration(node.duration))
        return self._columns(total, own, self._bar(chain), name)

    def _below(self, node: Node, lead: str) -> Iterator[Text]:
        """Yield the lines that belong to a row: why rows were rejected, why the step failed."""
        counted = [f"{text.plain(why)}{GLUE}{rows:,}" for why, rows in rejected_by_reason(node).items()]
        if len(counted) > REASONS_SHOWN + 1:
            counted[REASONS_SHOWN:] = [f"and {len(counted) - REASONS_SHOWN} more reasons".replace(" ", GLUE)]
        reasons = ", ".join(counted)
        room = self.width - len(self._columns("", "", self._no_bar, Text(lead)))
        for words in textwrap.wrap(f"rejected: {reasons}", max(20, room)) if reasons else ():
            yield self._columns(
                "",
                "",
                self._no_bar,
                Text().append(lead, style="dim").append(words.replace(GLUE, " "), style="cyan"),
            )
        exception = own_exception(node)
        for words in [exception.headline, *also_to_show(node)] if exception else ():
            line = Text().append(lead, style="dim").append(text.plain(words), style="red")
            yield self._columns("", "", self._no_bar, line)

    def _columns(self, total: str, own: str, bar: Text, name: Text, style: str = "default") -> Text:
        line = Text().append(f"{total:>8}", style=style)
        if self.show_self:
            line.append(f" {own:>8}", style="dim")
        if self.bar_width:
            line.append("  ").append_text(bar)
        return line.append("  ").append_text(name)

    def _bar(self, chain: list[Node]) -> Text:
        if not self.bar_width:
            return Text()
        node = chain[0]
        cells = [self.marks.bar if on else " " for on in self._cells([(node.start, node.finish)])]
        for index, on in enumerate(self._cells([part for link in chain for part in critical_time(link)])):
            cells[index] = self.marks.critical if on else cells[index]
        return Text("".join(cells), style=STYLES[node.status] or ("blue" if node.on_critical_path else "dim"))

    def _cells(self, intervals: list[tuple[float, float]]) -> list[bool]:
        cells = [False] * self.bar_width
        scale = self.bar_width / (self.tree.duration or 1.0)
        for start, end in intervals:
            first = min(self.bar_width - 1, int((start - self.tree.start) * scale))
            last = min(self.bar_width - 1, max(first, round((end - self.tree.start) * scale) - 1))
            cells[first : last + 1] = [True] * (last + 1 - first)
        return cells


def _kind(node: Node) -> str:
    kind = node.operation if node.operation and not node.is_segment else node.kind
    return "" if kind == node.name else kind


def _rows_text(node: Node, marks: _Marks) -> str:
    counts = row_counts(node)
    parts = [f"{rows:,} {row_word(name)}" for name, rows in counts.items()]
    if len(parts) > 1 and ROWS_READ in counts:
        parts = [f"{parts[0]}{marks.flow}{parts[1]}", *parts[2:]]
    return f"  {', '.join(parts)}" if parts else ""
