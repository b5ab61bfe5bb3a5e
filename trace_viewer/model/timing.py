# SPDX-License-Identifier: Apache-2.0
"""Where the time of a trace went: own time, children's time, critical path."""

from __future__ import annotations

from trace_viewer.model.cover import Cover
from trace_viewer.model.document import Node
from xray_common.intervals import union

SILENCE = 600.0  # seconds without a sign from what runs, at least; see `seen_until`


def seen_until(nodes: list[Node], now: float | None) -> float:
    """Return until when what runs is known to run: now, or the last moment that the trace knows of.

    A job shows itself 2, 6, 18, 54 seconds after its start, and so on. What has been silent for three times
    its life, and for ten minutes, may have been killed long ago.
    """
    first = min(node.start for node in nodes)
    latest = max(max(node.start, node.end or 0.0) for node in nodes)
    if now is None or now - latest > max(SILENCE, 3 * (latest - first)):
        return latest
    return max(latest, now)


def measure(nodes: list[Node], now: float | None = None) -> None:
    """Set `finish`, `self_intervals`, `critical_intervals` and `on_critical_path` of every node.

    Parameters
    ----------
    nodes
        All nodes of one tree, parents before children; the first one is the root.
    now
        Epoch seconds at which the documents were fetched, where that is known.
    """
    latest = seen_until(nodes, now)
    for node in nodes:
        node.finish = latest if node.end is None else node.end
        if node.end_unknown and node.end is None and node.parent:
            node.finish = max(node.start, node.parent.finish)
    _measure_own_time(nodes)
    _mark_critical_path(nodes)


def _measure_own_time(nodes: list[Node]) -> None:
    """Take from every node what anything below it covers, also what outlives its caller.

    A state that waits for a job calls StartJobRun for milliseconds; the job, started by that call, runs for
    minutes below it. The state did nothing itself in that time.
    """
    covered: dict[str, Cover] = {}
    for node in reversed(nodes):
        below = Cover()
        for child in node.children:
            below = below.joined(covered.pop(child.id))
            # else nobody measured how long it ran; or nothing was done there
            if not (child.repeats_caller or child.end_unknown or child.is_beside):
                below.add(child.start, child.finish)
        covered[node.id] = below
        node.self_intervals = below.gaps(node.start, node.finish)


def _mark_critical_path(nodes: list[Node]) -> None:
    """Walk back from the end of the trace, always to the child that ended last.

    A child counts with everything below it, because work may outlive its caller: a Lambda function that
    starts a state machine returns at once, and the trace goes on. Shortening a part of the path shortens the
    trace; shortening anything else does not.
    """
    ends: dict[str, float] = {}
    for node in reversed(nodes):  # what has no known end counts with what is known below it
        own = node.start if node.end_unknown else node.finish
        ends[node.id] = max([own, *(ends[child.id] for child in node.children if not child.is_beside)])
    outliving = _outliving(nodes)
    stack = [(nodes[0], ends[nodes[0].id], nodes[0].start)]
    while stack:
        node, cursor, floor = stack.pop()
        node.on_critical_path = not node.end_unknown
        work = (child for child in node.children if not child.is_beside)
        for child in sorted(work, key=lambda child: ends[child.id], reverse=True):
            end = min(ends[child.id], cursor)
            # Clocks differ by milliseconds between services, so a follower may seem to start a little too
            # early. A child that mostly lies after the cursor ran beside the path, not before it.
            if child.start > end or end - child.start < (ends[child.id] - child.start) / 2:
                continue
            _add_critical(node, max(end, floor), cursor, outliving)
            stack.append((child, end, max(floor, child.start)))
            cursor = child.start
        _add_critical(node, max(node.start, floor), cursor, outliving)
    for node in nodes:
        node.critical_intervals = union(node.critical_intervals)


def _outliving(nodes: list[Node]) -> dict[str, Node | None]:
    """Return, by node id, the nearest caller that ended later: nobody climbs a deep trace step by step."""
    found: dict[str, Node | None] = {}
    for node in nodes:
        step = node.parent
        while step and (step.end_unknown or (step.finish <= node.finish and not node.end_unknown)):
            step = found[step.id]
        found[node.id] = step
    return found


def _add_critical(node: Node, start: float, end: float, outliving: dict[str, Node | None]) -> None:
    """Add a stretch of the path to a node; what lies after its end, to the nearest caller still running."""
    step: Node | None = node
    while step and start < end:
        start = max(start, step.start)
        if start < min(end, step.finish) and not step.end_unknown:
            step.critical_intervals.append((start, min(end, step.finish)))
            start = step.finish
        step = outliving[step.id]
