# SPDX-License-Identifier: Apache-2.0
"""A trace as a tree of text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.text import Text

from trace_viewer.model import text
from trace_viewer.model.alike import Group
from trace_viewer.model.cost_words import cost_line
from trace_viewer.model.document import Node
from trace_viewer.model.failures import also_to_show, own_exception, user_place
from trace_viewer.model.names import short_name
from trace_viewer.model.outline import (
    chain_of,
    critical_time,
    facts,
    lambda_phases,
    notes,
    remark,
    rows_below,
    select_children,
)
from trace_viewer.model.row_counts import rejected_by_reason, row_counts, row_word
from trace_viewer.model.trace import Trace
from trace_viewer.rendering.terminal.canvas import DEFAULT_WIDTH, draw, wrap
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
    """The characters of the tree."""

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
    drawing = _Drawing(trace, width or DEFAULT_WIDTH)
    return draw(drawing.lines(), width=drawing.width, color=color, ascii_only=ascii_only)


class _Drawing:
    """Builds the lines of one trace."""

    def __init__(self, trace: Trace, width: int) -> None:
        self.trace, self.tree, self.width, self.marks = trace, trace.tree, width, _Marks()
        self.bar_width = max(12, min(30, (width - 70) // 2)) if width >= BAR_FROM_WIDTH else 0
        self.show_self = width >= SELF_FROM_WIDTH
        self.facts, self.notes = facts(self.tree), notes(self.tree)
        self.indent_limit = max(8, width // 5) * 2
        self._no_bar = Text(" " * self.bar_width)
        self._room = width - len(self._columns("", "", self._no_bar, Text()))

    def lines(self) -> Iterator[Text]:
        """Yield the heading, the failure, the tree and the problems of the documents."""
        yield self._heading()
        shared = "  ".join(f"{text.plain(name)}={text.plain(value)}" for name, value in self.facts.items())
        yield from self._wrapped(shared, "dim")
        yield from self._wrapped(cost_line(self.trace.cost), "dim")
        yield from self._failure()
        yield from findings_lines(self.trace.findings, width=self.width, arrow=self.marks.arrow)
        yield Text()
        yield self._columns("duration", "self", self._no_bar, Text(), style="dim")
        yield from self._rows(self.tree.root)
        yield from self._problems()

    def _problems(self) -> Iterator[Text]:
        problems = self.tree.problems
        for problem in problems[:PROBLEMS_SHOWN]:
            for index, line in enumerate(wrap(text.plain(problem), self.width - 6)):
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
        if tree.status == "running" and self.trace.fetched:
            line.append(f"  as of {text.clock(self.trace.fetched)}", style="default")
        return line.append(f"  {text.plain(self.trace.id)}", style="dim")

    def _failure(self) -> Iterator[Text]:
        failure = self.tree.failure
        if failure is None:
            return
        path = self.marks.arrow.join(text.plain(short_name(node.name)) for node in failure.step)
        place = user_place(failure)
        yield from self._wrapped(f"failed in {path}" + (f", {text.plain(place)}" if place else ""), "red")
        if failure.exception:
            yield from self._wrapped(text.plain(failure.exception.headline), "bold red")
            for words in also_to_show(failure.node):
                yield from self._wrapped(text.plain(words), "red")

    def _wrapped(self, words: str, style: str) -> Iterator[Text]:
        for line in wrap(words, self.width - 2):
            yield Text(f"  {line}", style=style)

    def _rows(self, root: Node) -> Iterator[Text]:
        stack: list[tuple[Node | str, str, str]] = [(root, "", "")]
        while stack:
            item, lead, below = stack.pop()
            if isinstance(item, str):
                yield self._columns("", "", self._no_bar, Text(f"{lead}{item}", style="dim"))
                continue
            chain = chain_of(item)
            name, counts = self._name(chain, lead), _rows_text(chain[0], self.marks)
            fits = len(name) + len(counts) <= self._room
            yield self._row(chain, name.append(counts if fits else "", style="cyan"))
            children, others = select_children(_below(chain[-1]))
            yield from self._under_row(
                chain[-1], below + (self.marks.pipe if children else "  "), "" if fits else counts.strip()
            )
            entries: list[Node | str] = [*children, *([others] if others else [])]
            for index in range(len(entries) - 1, -1, -1):
                last = index == len(entries) - 1
                lead_in, next_below = (self.marks.corner, "  ") if last else (self.marks.tee, self.marks.pipe)
                if len(below) >= self.indent_limit:  # deeper levels would push the names off the line
                    next_below = ""
                stack.append((entries[index], below + lead_in, below + next_below))

    def _name(self, chain: list[Node], lead: str) -> Text:
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
        return name

    def _row(self, chain: list[Node], name: Text) -> Text:
        node = chain[0]
        if summary := remark(chain[-1]):
            name.append(f"  {summary.replace(' → ', self.marks.flow)}", style="dim")
        if phases := lambda_phases(chain[-1]):
            words = (f"{phase.name} {text.duration(phase.duration)}" for phase in phases)
            name.append(f"  {', '.join(words)}", style="dim")
        for key, value in self.notes.get(node.id, {}).items():
            if key not in self.facts:
                name.append(f"  {text.plain(key)}={text.plain(value, 60)}", style="dim")
        if node.end_unknown and not node.is_missing:
            name.append("  end unknown", style="dim")
        own = ""
        if chain[-1].children and not (node.end_unknown or isinstance(node, Group)):
            own = text.duration(sum(part.self_time for part in chain))
        states = {"running": node.in_progress, "unknown": node.end_unknown}
        total = next((word for word, fits in states.items() if fits), text.duration(node.duration))
        return self._columns(total, own, self._bar(chain), name)

    def _under_row(self, node: Node, lead: str, counts: str) -> Iterator[Text]:
        """Yield the lines that belong to a row: counts that it has no room for, reasons, exceptions."""
        counted = [f"{text.plain(why)}{GLUE}{rows:,}" for why, rows in rejected_by_reason(node).items()]
        if len(counted) > REASONS_SHOWN + 1:
            counted[REASONS_SHOWN:] = [f"and {len(counted) - REASONS_SHOWN} more reasons".replace(" ", GLUE)]
        yield from self._under(counts, lead)
        yield from self._under(f"rejected: {', '.join(counted)}" if counted else "", lead)
        exception = own_exception(node)
        for words in [exception.headline, *also_to_show(node)] if exception else ():
            line = Text().append(lead, style="dim").append(text.plain(words), style="red")
            yield self._columns("", "", self._no_bar, line)

    def _under(self, words: str, lead: str) -> Iterator[Text]:
        for line in wrap(words, self._room - len(lead)):
            name = Text().append(lead, style="dim").append(line.replace(GLUE, " "), style="cyan")
            yield self._columns("", "", self._no_bar, name)

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
        told = [*chain, *lambda_phases(chain[-1])]  # on this line
        for index, on in enumerate(self._cells([part for link in told for part in critical_time(link)])):
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


def _below(node: Node) -> list[Node]:
    """Return the rows below one; of those that are alike the longest stands for all."""
    if isinstance(node, Group):
        return [node.longest]
    told = {phase.id for phase in lambda_phases(node)}
    return [row for row in rows_below(node) if row.id not in told]


def _kind(node: Node) -> str:
    kind = node.operation if node.operation and not node.is_segment else node.kind
    return "" if kind == node.name else kind


def _rows_text(node: Node, marks: _Marks) -> str:
    counts = row_counts(node)
    parts = [f"{rows:,} {row_word(name)}" for name, rows in counts.items()]
    if len(parts) > 1 and ROWS_READ in counts:
        parts = [f"{parts[0]}{marks.flow}{parts[1]}", *parts[2:]]
    return f"  {', '.join(parts)}" if parts else ""
