# SPDX-License-Identifier: Apache-2.0
"""The outline of a trace, for terminal and page alike: its rows, notes beside a name, facts of the whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from trace_viewer.model import text
from trace_viewer.model.alike import Group, grouped
from trace_viewer.model.document import STATE_MACHINE, Node
from trace_viewer.model.failures import own_exception
from trace_viewer.model.names import short_name
from trace_viewer.model.row_counts import is_row_count, rejected_by_reason, row_counts
from trace_viewer.model.spark import calls_of, summarize
from trace_viewer.model.tree import Tree
from xray_common.conventions import SPANS_DROPPED
from xray_common.intervals import Interval
from xray_common.walk import preorder

CHILDREN_SHOWN = 40  # rows below one node in the terminal; what is left out is counted


# What Lambda writes of its own work (Lambda developer guide, "Understanding X-Ray traces")
_LAMBDA_PHASES = ("Dwell Time", "Initialization", "Invocation", "Overhead")


def lambda_phases(node: Node) -> list[Node]:
    """Return the parts of a Lambda segment that may share its line: Lambda's own, and no more than a time."""
    if not node.origin.startswith("AWS::Lambda"):
        return []
    return [
        child
        for child in node.children
        if child.name in _LAMBDA_PHASES and child.status == "ok" and not (child.children or child.annotations)
    ]


def shown_children(node: Node) -> list[Node]:
    """Return the children as rows: a folded child is replaced by its own children."""
    if not any(child.repeats_caller for child in node.children):
        return node.children
    rows: list[Node] = []
    for child in node.children:
        rows.extend(shown_children(child) if child.repeats_caller else [child])
    return rows


def rows_below(node: Node) -> list[Node]:
    """Return the rows below a row: its children, those that are alike and well in groups."""
    return node.children if isinstance(node, Group) else grouped(shown_children(node))


def shown_rows(tree: Tree) -> Iterator[tuple[Node, int]]:
    """Yield (node, depth) for every row, parents first."""
    return preorder((tree.root, 0), lambda row: [(child, row[1] + 1) for child in rows_below(row[0])])


def remark(node: Node) -> str:
    """Return what stands behind the name of a row: what Spark did there, or how its members did."""
    return node.summary if isinstance(node, Group) else summarize(node)


def critical_time(node: Node) -> list[Interval]:
    """Return the stretches of a row's own time that are on the critical path."""
    folded = [part for child in node.children if child.repeats_caller for part in critical_time(child)]
    return sorted([*node.critical_intervals, *folded])


def chain_of(node: Node) -> list[Node]:
    """Return a node and the rows below it that share its line: only children that are no more than a name."""
    chain = [node]
    has_siblings = node.parent is None or len(shown_children(node.parent)) > 1
    while not (has_siblings or node.is_segment or own_exception(chain[-1]) or summarize(chain[-1])):
        children = rows_below(chain[-1])
        if len(children) != 1 or not _only_a_name(children[0]) or children[0].status != node.status:
            break
        chain.append(children[0])
    return chain


def _only_a_name(node: Node) -> bool:
    """Return whether a row below has nothing but its name. A summary goes to the end of the line."""
    return not (node.is_segment or node.annotations or row_counts(node) or rejected_by_reason(node))


def select_children(children: list[Node]) -> tuple[list[Node], str]:
    """Keep the failing and the longest children when there are too many, in order, and count the others."""
    if len(children) <= CHILDREN_SHOWN:
        return children, ""
    ranked = sorted(children, key=lambda node: (not node.failure, not node.children, -node.duration))
    kept = {node.id for node in ranked[:CHILDREN_SHOWN]}
    others = [node for node in children if node.id not in kept]
    together = text.duration(sum(node.duration for node in others))
    shown = [node for node in children if node.id in kept]
    return shown, f"and {len(others):,} shorter ones, {together} together"


def notes(tree: Tree) -> dict[str, dict[str, Any]]:
    """Return, by node id, the annotations worth a place beside the name.

    Those are neither its own name nor what a row above has.
    """
    shown: dict[str, dict[str, Any]] = {}
    way: list[Node] = []
    on_the_way: Counter[tuple[str, str]] = Counter()
    for node in tree.nodes:  # parents first: what is no caller of this one is left behind
        while way and way[-1] is not node.parent:
            on_the_way.subtract(_pairs(way.pop()))
        shown[node.id] = {
            name: value
            for name, value in node.annotations.items()
            if not on_the_way[name, repr(value)] and value != node.name and not is_row_count(name, value)
        }
        way.append(node)
        on_the_way.update(_pairs(node))
    return shown


def title(tree: Tree) -> str:
    """Return what a trace is of: its data set and its state machine, else its first service.

    Example
    -------
    >>> from trace_viewer.model.tree import build
    >>> title(build([{"id": "1", "name": "web", "start_time": 1, "annotations": {"dataset": "orders"}}]))
    'orders · web'
    """
    machines = (node for node in tree.nodes if node.origin == STATE_MACHINE)
    name = short_name(next(machines, tree.root).name)
    dataset = facts(tree).get("dataset")
    return f"{dataset} · {name}" if dataset else name


def absent(tree: Tree) -> str:
    """Return what a search cannot find, though it happened; empty where everything is here."""
    calls = sum(calls_of(node) for node in tree.nodes if calls_of(node) > 1)
    spans = sum(_left_out(node) for node in tree.nodes)
    parts = [
        f"{calls:,} calls were added up when recorded" if calls else "",
        f"{spans:,} spans were left out to stay within X-Ray's limit" if spans else "",
    ]
    return ", ".join(filter(None, parts))


def _left_out(node: Node) -> int:
    count = node.attributes.get(SPANS_DROPPED)
    return count if isinstance(count, int) else 0


def _pairs(node: Node) -> list[tuple[str, str]]:
    return [(name, repr(value)) for name, value in node.annotations.items()]


def facts(tree: Tree) -> dict[str, Any]:
    """Return the annotations that have one value in the whole trace: which data set, which run."""
    values: dict[str, set[str]] = {}
    shown: dict[str, Any] = {}
    for node in tree.nodes:
        for name, value in node.annotations.items():
            if not is_row_count(name, value):
                values.setdefault(name, set()).add(str(value))
                shown.setdefault(name, value)
    return {name: value for name, value in shown.items() if len(values[name]) == 1}
