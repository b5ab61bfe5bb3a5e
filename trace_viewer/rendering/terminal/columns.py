# SPDX-License-Identifier: Apache-2.0
"""The columns of a row: duration, time of its own, when it ran, and whatever follows."""

from __future__ import annotations

from rich.text import Text

from trace_viewer.model.document import Node
from trace_viewer.model.outline import critical_time, lambda_phases
from trace_viewer.model.tree import Tree
from trace_viewer.rendering.terminal import marks

BAR_FROM_WIDTH, SELF_FROM_WIDTH = 90, 70  # characters of width from which a column is shown


class Columns:
    """Lays out the rows of one trace.

    Attributes
    ----------
    room
        Characters that are left for the last column.
    """

    def __init__(self, tree: Tree, width: int) -> None:
        self._tree = tree
        self._bar_width = max(12, min(30, (width - 70) // 2)) if width >= BAR_FROM_WIDTH else 0
        self._show_self = width >= SELF_FROM_WIDTH
        self.room = width - len(self.blank(Text()))

    def blank(self, name: Text) -> Text:
        """Draw a line that has the last column only."""
        return self._line("", "", Text(" " * self._bar_width), name)

    def header(self) -> Text:
        """Draw the names of the columns."""
        return self._line("duration", "self", Text(" " * self._bar_width), Text(), style="dim")

    def row(self, chain: list[Node], name: Text, *, total: str, own: str) -> Text:
        """Draw the row of a chain of only children."""
        return self._line(total, own, self._bar(chain), name)

    def _line(self, total: str, own: str, bar: Text, name: Text, style: str = "default") -> Text:
        line = Text().append(f"{total:>8}", style=style)
        if self._show_self:
            line.append(f" {own:>8}", style="dim")
        if self._bar_width:
            line.append("  ").append_text(bar)
        return line.append("  ").append_text(name)

    def _bar(self, chain: list[Node]) -> Text:
        if not self._bar_width:
            return Text()
        node = chain[0]
        cells = [marks.BAR if on else " " for on in self._cells([(node.start, node.finish)])]
        told = [*chain, *lambda_phases(chain[-1])]  # on this line
        for index, on in enumerate(self._cells([part for link in told for part in critical_time(link)])):
            cells[index] = marks.CRITICAL if on else cells[index]
        return Text(
            "".join(cells), style=marks.STYLES[node.status] or ("blue" if node.on_critical_path else "dim")
        )

    def _cells(self, intervals: list[tuple[float, float]]) -> list[bool]:
        cells = [False] * self._bar_width
        scale = self._bar_width / (self._tree.duration or 1.0)
        for start, end in intervals:
            first = min(self._bar_width - 1, int((start - self._tree.start) * scale))
            last = min(self._bar_width - 1, max(first, round((end - self._tree.start) * scale) - 1))
            cells[first : last + 1] = [True] * (last + 1 - first)
        return cells
