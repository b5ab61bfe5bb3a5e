# SPDX-License-Identifier: Apache-2.0
"""The traces of a file, a line each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.text import Text

from trace_viewer.model import text
from trace_viewer.model.names import short_name
from trace_viewer.model.trace import Trace
from trace_viewer.model.tree import EmptyTraceError
from trace_viewer.rendering.terminal.canvas import DEFAULT_WIDTH, draw


def render_list(traces: Iterable[Trace], *, width: int | None = None, color: bool = False) -> str:
    """List traces by id, state, duration, start and root; parameters as in `render_tree`."""
    return draw(_lines(traces), width=width or DEFAULT_WIDTH, color=color)


def _lines(traces: Iterable[Trace]) -> Iterator[Text]:
    for trace in traces:
        line = Text(f"{text.plain(trace.id or '(without an id)'):<36}")
        try:
            tree = trace.tree
        except EmptyTraceError:
            yield line.append("  no segment that can be shown", style="dim")
            continue
        style = "bold red" if tree.failure else "default"
        line.append(f"  {tree.status.upper():<7}  {text.duration(tree.duration):>7}", style=style)
        line.append(f"  {text.moment(tree.start)}", style="dim")
        yield line.append(f"  {text.plain(short_name(tree.root.name))}", style="default")
