# SPDX-License-Identifier: Apache-2.0
"""A trace as a tree of text."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from trace_viewer.model import text
from trace_viewer.model.alike import Group
from trace_viewer.model.document import Node
from trace_viewer.model.failures import also_to_show, own_exception
from trace_viewer.model.names import short_name
from trace_viewer.model.outline import (
    chain_of,
    facts,
    lambda_phases,
    notes,
    remark,
    rows_below,
    select_children,
)
from trace_viewer.model.row_counts import rejected_by_reason, row_counts, row_word
from trace_viewer.model.trace import Trace
from trace_viewer.rendering.terminal import marks
from trace_viewer.rendering.terminal.canvas import DEFAULT_WIDTH, draw, wrap
from trace_viewer.rendering.terminal.columns import Columns
from trace_viewer.rendering.terminal.findings import findings_lines
from trace_viewer.rendering.terminal.heading import heading_lines, problem_lines
from xray_common.conventions import ROWS_READ

GLUE = "\N{NO-BREAK SPACE}"  # keeps a word and its number on one line
REASONS_SHOWN = 8  # rejected rows by reason, below a job; the page shows all


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
        self.trace, self.tree, self.width = trace, trace.tree, width
        self.facts, self.notes = facts(self.tree), notes(self.tree)
        self.indent_limit = max(8, width // 5) * 2
        self._columns = Columns(self.tree, width)

    def lines(self) -> Iterator[Text]:
        """Yield the heading, the failure, the tree and the problems of the documents."""
        yield from heading_lines(self.trace, self.facts, width=self.width)
        yield from findings_lines(self.trace.findings, width=self.width, arrow=marks.ARROW)
        yield Text()
        yield self._columns.header()
        yield from self._rows(self.tree.root)
        yield from problem_lines(self.tree, width=self.width)

    def _rows(self, root: Node) -> Iterator[Text]:
        stack: list[tuple[Node | str, str, str]] = [(root, "", "")]
        while stack:
            item, lead, below = stack.pop()
            if isinstance(item, str):
                yield self._columns.blank(Text(f"{lead}{item}", style="dim"))
                continue
            chain = chain_of(item)
            name, counts = self._name(chain, lead), _rows_text(chain[0])
            fits = len(name) + len(counts) <= self._columns.room
            yield self._row(chain, name.append(counts if fits else "", style="cyan"))
            children, others = select_children(_below(chain[-1]))
            yield from self._under_row(
                chain[-1], below + (marks.PIPE if children else "  "), "" if fits else counts.strip()
            )
            entries: list[Node | str] = [*children, *([others] if others else [])]
            for index in range(len(entries) - 1, -1, -1):
                last = index == len(entries) - 1
                lead_in, next_below = (marks.CORNER, "  ") if last else (marks.TEE, marks.PIPE)
                if len(below) >= self.indent_limit:  # deeper levels would push the names off the line
                    next_below = ""
                stack.append((entries[index], below + lead_in, below + next_below))

    def _name(self, chain: list[Node], lead: str) -> Text:
        node = chain[0]
        name = Text().append(lead, style="dim")  # a style of the whole text would dim the name, too
        if node.failure:
            name.append(f"{marks.FAILED} ", style=marks.STYLES[node.failure])
        elif node.in_progress:
            name.append(f"{marks.RUNNING} ", style=marks.STYLES["running"])
        names = marks.ARROW.join(text.plain(short_name(part.name)) for part in chain)
        name.append(names, style=marks.STYLES[node.status] or ("bold" if node.is_segment else "default"))
        if _kind(chain[-1]):
            name.append(f"  {text.plain(_kind(chain[-1]))}", style="dim")
        return name

    def _row(self, chain: list[Node], name: Text) -> Text:
        node = chain[0]
        if summary := remark(chain[-1]):
            name.append(f"  {summary.replace(' → ', marks.FLOW)}", style="dim")
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
        return self._columns.row(chain, name, total=total, own=own)

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
            yield self._columns.blank(line)

    def _under(self, words: str, lead: str) -> Iterator[Text]:
        for line in wrap(words, self._columns.room - len(lead)):
            name = Text().append(lead, style="dim").append(line.replace(GLUE, " "), style="cyan")
            yield self._columns.blank(name)


def _below(node: Node) -> list[Node]:
    """Return the rows below one; of those that are alike the longest stands for all."""
    if isinstance(node, Group):
        return [node.longest]
    told = {phase.id for phase in lambda_phases(node)}
    return [row for row in rows_below(node) if row.id not in told]


def _kind(node: Node) -> str:
    kind = node.operation if node.operation and not node.is_segment else node.kind
    return "" if kind == node.name else kind


def _rows_text(node: Node) -> str:
    counts = row_counts(node)
    parts = [f"{rows:,} {row_word(name)}" for name, rows in counts.items()]
    if len(parts) > 1 and ROWS_READ in counts:
        parts = [f"{parts[0]}{marks.FLOW}{parts[1]}", *parts[2:]]
    return f"  {', '.join(parts)}" if parts else ""
