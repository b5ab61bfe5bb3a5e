# SPDX-License-Identifier: Apache-2.0
"""The log lines of a trace, below the spans that wrote them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timezone

from trace_viewer.model import text
from trace_viewer.model.document import Node
from trace_viewer.model.trace import Trace
from trace_viewer.xray.logs import Line

BELOW = " " * 23 + "| "  # begins each line of a traceback: no text of a log can look like a line of its own


def render_logs(trace: Trace, lines: Iterable[Line]) -> str:
    """Write the lines in time order below their spans, spans in the order of the tree.

    A log event takes one line: what is in it came from keys, values and exceptions of anybody.

    Example
    -------
    >>> print(render_logs(trace, Logs().lines(trace)))  # doctest: +SKIP
    """
    by_node: dict[str, list[Line]] = {}
    for line in lines:
        by_node.setdefault(line.node, []).append(line)
    written: list[str] = []
    for node in trace.tree.nodes:
        own = by_node.get(node.id)
        if own:
            written.append(_path(node))
            written += [drawn for line in own for drawn in _drawn(line)]
    return "\n".join(written) or "No log line has the id of this trace or of its run."


def _drawn(line: Line) -> Iterator[str]:
    yield f"  {_clock(line.time)} {text.plain(line.level):<7} {text.sentence(line.text)}"
    for part in line.exception.splitlines():
        yield f"{BELOW}{text.sentence(part)}"


def _path(node: Node) -> str:
    segment, name = text.plain(node.segment.name), text.plain(node.name)
    return segment if node.segment is node else f"{segment} > {name}"


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%H:%M:%S.%f")[:-3]
