# SPDX-License-Identifier: Apache-2.0
"""A trace in Chrome's trace event format, which ui.perfetto.dev and chrome://tracing open.

Format: "Trace Event Format" by the Chromium project. One process per service; within a process, lanes
(threads) in which events nest, as that format demands.
"""

from __future__ import annotations

from typing import Any

from trace_viewer.model.document import Node
from trace_viewer.model.trace import Trace


def to_perfetto(trace: Trace) -> dict[str, Any]:
    """Return the trace as a Chrome trace object, with times in microseconds since its start.

    Raises
    ------
    EmptyTraceError
        If the trace has nothing to show.
    """
    tree = trace.tree
    processes: dict[str, int] = {}
    lanes: dict[int, list[list[float]]] = {}
    places: dict[str, tuple[int, int]] = {}
    events: list[dict[str, Any]] = []
    # The format wants outer events before inner ones that start at the same time.
    for node in sorted(tree.nodes, key=lambda node: (node.start, -node.finish)):
        process = processes.setdefault(node.segment.name, len(processes) + 1)
        lane = _lane(lanes.setdefault(process, []), node)
        places[node.id] = (process, lane)
        events.append(_complete_event(node, process, lane, tree.start))
    events += _flows(tree.nodes, places, tree.start)
    names = [
        {"name": "process_name", "ph": "M", "pid": process, "tid": 0, "args": {"name": name}}
        for name, process in processes.items()
    ]
    other = {"trace_id": trace.id, "start_epoch_seconds": tree.start}
    return {"displayTimeUnit": "ms", "otherData": other, "traceEvents": names + events}


def _lane(lanes: list[list[float]], node: Node) -> int:
    """Return the number of the first lane where the node nests; a lane is the stack of its open ends."""
    for number, ends in enumerate(lanes, start=1):
        while ends and ends[-1] <= node.start:
            ends.pop()
        if not ends or node.finish <= ends[-1]:
            ends.append(node.finish)
            return number
    lanes.append([node.finish])
    return len(lanes)


def _complete_event(node: Node, process: int, lane: int, origin: float) -> dict[str, Any]:
    details = {"id": node.id, "status": node.status, "self_ms": round(node.self_time * 1000, 3)}
    if node.exceptions:
        details["exception"] = node.exceptions[0].headline
    return {
        "name": node.name,
        "cat": ",".join(filter(None, (node.kind, node.failure, "critical" if node.on_critical_path else "")))
        or "span",
        "ph": "X",
        "ts": _microseconds(node.start - origin),
        "dur": _microseconds(node.duration),
        "pid": process,
        "tid": lane,
        "args": details
        | node.annotations
        | {f"metadata.{key}": value for key, value in node.metadata.items()},
    }


def _flows(nodes: list[Node], places: dict[str, tuple[int, int]], origin: float) -> list[dict[str, Any]]:
    """Return arrows from callers to the segments they called."""
    flows: list[dict[str, Any]] = []
    for number, node in enumerate(nodes, start=1):
        if not node.is_segment or node.parent is None:
            continue
        shared = {"name": "call", "cat": "call", "id": number}
        ends: tuple[tuple[str, Node, dict[str, str]], ...] = (
            ("s", node.parent, {}),
            ("f", node, {"bp": "e"}),
        )
        for phase, end, extra in ends:
            process, lane = places[end.id]
            at = _microseconds(end.start - origin)
            flows.append({**shared, "ph": phase, "ts": at, "pid": process, "tid": lane, **extra})
    return flows


def _microseconds(seconds: float) -> float:
    return round(seconds * 1_000_000)
