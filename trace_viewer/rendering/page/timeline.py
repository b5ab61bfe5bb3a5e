# SPDX-License-Identifier: Apache-2.0
"""The rows of the timeline, as the script of the page reads them."""

from __future__ import annotations

from typing import Any

from trace_viewer.model.alike import Group
from trace_viewer.model.console import console_of
from trace_viewer.model.document import ExceptionInfo, Node
from trace_viewer.model.failures import is_users_frame, linked_exceptions, own_exception
from trace_viewer.model.names import short_name
from trace_viewer.model.outline import absent, critical_time, remark, shown_rows
from trace_viewer.model.row_counts import rejected_by_reason, row_counts
from trace_viewer.model.spark import guests_of, is_lazy, ran_elsewhere
from trace_viewer.model.tree import Tree
from xray_common.intervals import Interval

INTERVALS_SHOWN = 40  # stretches of own time drawn in one bar
EXACT_INTEGER = 2**53 - 1  # the largest integer that JavaScript holds exactly
HUES = 6  # colours for services, used in turn


def page_data(tree: Tree, trace_id: str = "") -> dict[str, Any]:
    """Return the timeline: times in milliseconds since its start, fields that are empty left out."""
    hues: dict[str, int] = {}
    rows = [_row(node, depth, tree.start, hues) for node, depth in shown_rows(tree)]
    failure = tree.failure
    data = {"start": tree.start, "duration": _ms(tree.duration), "absent": absent(tree), "rows": rows}
    data |= {"console": console_of(tree), "trace": trace_id}
    return data | ({"failed": _shown(failure.node).id} if failure else {})


def _shown(node: Node) -> Node:
    """Return the node whose row stands for this one."""
    while node.repeats_caller and node.parent:
        node = node.parent
    return node


def _row(node: Node, depth: int, origin: float, hues: dict[str, int]) -> dict[str, Any]:
    hue = hues.setdefault(node.segment.name, len(hues) % HUES)
    folded = [_inferred(child) for child in node.children if child.repeats_caller]
    row = {
        "id": node.id,
        "parent": node.parent_id,
        "name": short_name(node.name),
        "full": "" if short_name(node.name) == node.name else node.name,
        "depth": depth,
        "start": _ms(node.start - origin),
        "duration": _ms(node.duration),
        "self": _ms(node.self_time),
        "children": _ms(node.children_time),
        "status": node.status,
        "kind": node.kind,
        "hue": hue,
        "segment": node.is_segment,
        "orphan": node.orphan,
        "critical": node.on_critical_path,
        "own": _intervals(node.self_intervals, origin),
        "path": _intervals(critical_time(node), origin),
        "rows": row_counts(node),
        "reasons": rejected_by_reason(node),
        "explains": own_exception(node) is not None,
        "spark": remark(node),
        "lazy": is_lazy(node),
        "alike": len(node.children) if isinstance(node, Group) else 0,
        "ran": [_place(step, stage) for step, stage in ran_elsewhere(node)],
        "guests": [{"id": step.id, "name": short_name(step.name)} for step in guests_of(node)],
        "exceptions": [_exception(word, item) for word, item in linked_exceptions(node)],
        "shift": _ms(node.shift),
        "annotations": _exact(node.annotations),
        "metadata": _exact(node.metadata),
        "details": _exact(node.details),
        "folded": folded,
    }
    required = ("depth", "start", "duration", "self", "hue")
    return {
        key: value
        for key, value in row.items()
        if key in required or value not in (None, "", False, {}, [], 0)
    }


def _place(step: Node, stage: Node) -> dict[str, Any]:
    """Return where a lazy step was executed."""
    return {"id": stage.id, "name": f"{short_name(step.name)}, {stage.name}", "duration": _ms(stage.duration)}


def _exception(word: str, item: ExceptionInfo) -> dict[str, Any]:
    """Return an exception; `own` are the lines of its stack that are no library's."""
    own = [number for number, frame in enumerate(item.stack) if is_users_frame(frame)]
    return {"as": word, "type": item.type, "message": item.message, "stack": list(item.stack), "own": own}


def _inferred(node: Node) -> dict[str, Any]:
    return {"id": node.id, "name": node.name, "kind": node.kind, "status": node.status}


def _intervals(intervals: list[Interval], origin: float) -> list[list[float]]:
    """Return intervals in milliseconds, the shortest left out when there are more than can be seen."""
    if len(intervals) > INTERVALS_SHOWN:
        longest = sorted(intervals, key=lambda part: part[0] - part[1])[:INTERVALS_SHOWN]
        intervals = sorted(longest)
    return [[_ms(start - origin), _ms(end - origin)] for start, end in intervals]


def _exact(value: Any) -> Any:
    """Return JSON data with integers that JavaScript would round written as text."""
    if isinstance(value, dict):
        return {str(key): _exact(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_exact(item) for item in value]
    return str(value) if isinstance(value, int) and abs(value) > EXACT_INTEGER else value


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
