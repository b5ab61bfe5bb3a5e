# SPDX-License-Identifier: Apache-2.0
"""What the terminal and the page show alike: folded rows, notes beside a name, facts of the whole trace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trace_viewer.document import ExceptionInfo, Interval, Node
from trace_viewer.failures import Failure
from trace_viewer.known import is_row_count
from trace_viewer.model import Tree
from trace_viewer.timing import gaps, union


def folded_into_caller(node: Node) -> bool:
    """Say whether a row for this node would only repeat its caller's.

    X-Ray adds an inferred segment for every call to a service that sends none itself: same name, same times.
    """
    return node.inferred and node.parent is not None and not node.parent.is_segment and not node.orphan


def shown_children(node: Node) -> list[Node]:
    """Return the children as rows: a folded child is replaced by its own children."""
    if not any(folded_into_caller(child) for child in node.children):
        return node.children
    rows: list[Node] = []
    for child in node.children:
        rows.extend(shown_children(child) if folded_into_caller(child) else [child])
    return rows


def shown_rows(tree: Tree) -> Iterator[tuple[Node, int]]:
    """Yield (node, depth) for every row, parents first."""
    stack = [(tree.root, 0)]
    while stack:
        node, depth = stack.pop()
        yield node, depth
        stack.extend((child, depth + 1) for child in reversed(shown_children(node)))


def own_time(node: Node) -> list[Interval]:
    """Return the stretches of a row in which none of the rows below it was running."""
    if not any(folded_into_caller(child) for child in node.children):
        return node.self_intervals
    return gaps(union((row.start, row.finish) for row in shown_children(node)), node.start, node.finish)


def critical_time(node: Node) -> list[Interval]:
    """Return the stretches of a row's own time that are on the critical path."""
    folded = [part for child in node.children if folded_into_caller(child) for part in critical_time(child)]
    return sorted([*node.critical_intervals, *folded])


def notes(node: Node) -> dict[str, Any]:
    """Return the annotations worth a place beside the name: neither the name nor what rows above say."""
    fresh = {}
    for name, value in node.annotations.items():
        ancestor = node.parent
        while ancestor and ancestor.annotations.get(name) != value:
            ancestor = ancestor.parent
        if ancestor is None and value != node.name and not is_row_count(name):
            fresh[name] = value
    return fresh


def facts(tree: Tree) -> dict[str, Any]:
    """Return the annotations that have one value in the whole trace: which data set, which run."""
    values: dict[str, set[str]] = {}
    shown: dict[str, Any] = {}
    for node in tree.nodes:
        for name, value in node.annotations.items():
            if not is_row_count(name):
                values.setdefault(name, set()).add(str(value))
                shown.setdefault(name, value)
    return {name: value for name, value in shown.items() if len(values[name]) == 1}


def failed_step(failure: Failure) -> list[Node]:
    """Return the way to the first cause, from the failed segment nearest to it."""
    segments = [index for index, node in enumerate(failure.path) if node.is_segment and not node.inferred]
    return list(failure.path[segments[-1] :]) if segments else list(failure.path)


def own_exception(node: Node) -> ExceptionInfo | None:
    """Return the exception to show at a failing node: none where a failing node below tells it already."""
    if not node.failure or not node.exceptions or _told_below(node):
        return None
    return node.exceptions[0]


def _told_below(node: Node) -> bool:
    stack = list(node.children)
    while stack:
        child = stack.pop()
        if child.failure and child.exceptions:
            return True
        stack.extend(child.children)
    return False
