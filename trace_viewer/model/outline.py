# SPDX-License-Identifier: Apache-2.0
"""What the terminal and the page show alike: folded rows, notes beside a name, facts of the whole trace."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from trace_viewer.model import text
from trace_viewer.model.document import ExceptionInfo, Interval, Node
from trace_viewer.model.failures import Failure
from trace_viewer.model.row_counts import is_row_count, rejected_by_reason, row_counts
from trace_viewer.model.spark import remark, short_spark_name
from trace_viewer.model.tree import Tree

GENERATED_NAME = re.compile(r"(?:.+-)?([A-Za-z][A-Za-z0-9]*?)[0-9A-F]{8}-[A-Za-z0-9]{12,13}")
CHILDREN_SHOWN = 40  # rows below one node in the terminal; what is left out is counted


def shown_children(node: Node) -> list[Node]:
    """Return the children as rows: a folded child is replaced by its own children."""
    if not any(child.repeats_caller for child in node.children):
        return node.children
    rows: list[Node] = []
    for child in node.children:
        rows.extend(shown_children(child) if child.repeats_caller else [child])
    return rows


def short_name(name: str) -> str:
    """Return the readable part of a name that CloudFormation made up, other names as they are.

    CDK's logical ids end in eight hexadecimal digits, and CloudFormation puts the stack before them and
    twelve or thirteen random characters behind. A Spark span loses the folders of its call site.

    Example
    -------
    >>> short_name("MyStack-IngestionFunctionB3E723CC-A34BBC938013"), short_name("orders-api")
    ('IngestionFunction', 'orders-api')
    """
    made_up = GENERATED_NAME.fullmatch(name)
    return made_up[1] if made_up else short_spark_name(name)


def shown_rows(tree: Tree) -> Iterator[tuple[Node, int]]:
    """Yield (node, depth) for every row, parents first."""
    stack = [(tree.root, 0)]
    while stack:
        node, depth = stack.pop()
        yield node, depth
        stack.extend((child, depth + 1) for child in reversed(shown_children(node)))


def critical_time(node: Node) -> list[Interval]:
    """Return the stretches of a row's own time that are on the critical path."""
    folded = [part for child in node.children if child.repeats_caller for part in critical_time(child)]
    return sorted([*node.critical_intervals, *folded])


def chain_of(node: Node) -> list[Node]:
    """Return a node and the rows below it that share its line: only children with nothing to say."""
    chain = [node]
    has_siblings = node.parent is None or len(shown_children(node.parent)) > 1
    while not (has_siblings or node.is_segment or own_exception(chain[-1]) or remark(chain[-1])):
        children = shown_children(chain[-1])
        if len(children) != 1 or not _only_a_name(children[0]) or children[0].status != node.status:
            break
        chain.append(children[0])
    return chain


def _only_a_name(node: Node) -> bool:
    """Say whether a row below says nothing but its name. A remark goes to the end of the line."""
    return not (node.is_segment or node.annotations or row_counts(node) or rejected_by_reason(node))


def most_telling(children: list[Node]) -> tuple[list[Node], str]:
    """Keep the failing and the longest children when there are too many, in order, and count the others."""
    if len(children) <= CHILDREN_SHOWN:
        return children, ""
    ranked = sorted(children, key=lambda node: (not node.failure, not node.children, -node.duration))
    kept = {node.id for node in ranked[:CHILDREN_SHOWN]}
    others = [node for node in children if node.id not in kept]
    together = text.duration(sum(node.duration for node in others))
    return [
        node for node in children if node.id in kept
    ], f"and {len(others):,} shorter ones, {together} together"


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
