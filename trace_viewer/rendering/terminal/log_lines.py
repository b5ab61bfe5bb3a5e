# SPDX-License-Identifier: Apache-2.0
"""The log lines of a trace, below the spans that wrote them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from trace_viewer.model.document import Node
from trace_viewer.model.trace import Trace
from trace_viewer.xray.logs import Line


def render_logs(trace: Trace, lines: Iterable[Line]) -> str:
    """Write the lines in time order below their spans, spans in the order of the tree.

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
            written += [f"  {_clock(line.time)} {line.level:<7} {line.text}" for line in own]
    return "\n".join(written) or "No log line has the id of this trace or of its run."


def _path(node: Node) -> str:
    segment = node.segment
    return segment.name if segment is node else f"{segment.name} > {node.name}"


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%H:%M:%S.%f")[:-3]
