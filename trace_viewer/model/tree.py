# SPDX-License-Identifier: Apache-2.0
"""Segment documents in, one tree out.

X-Ray returns a trace as an unordered set of documents: subsegments nested in their segment or sent alone, the
same segment twice (in progress, then complete), some of them missing. `build` makes one tree of them and
reports what it could not place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from trace_viewer.model.clocks import align
from trace_viewer.model.document import Node, read_node
from trace_viewer.model.endings import settle
from trace_viewer.model.failures import Failure, find_failure
from trace_viewer.model.times import epoch_seconds, has_other_unit
from trace_viewer.model.timing import measure
from xray_common.walk import preorder


class EmptyTraceError(ValueError):
    """The documents hold no segment that can be shown."""


@dataclass
class Tree:
    """A trace as a tree with one root.

    `orphans` are nodes whose parent is not in the trace (or further roots); they hang below the root with
    `orphan` set. `problems` are sentences about documents that could not be used.
    """

    root: Node
    nodes: list[Node]
    """All nodes, parents before children, siblings by start time."""
    start: float
    """Epoch seconds of the earliest start."""
    end: float
    """Epoch seconds of the latest end."""
    orphans: list[Node] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def duration(self) -> float:
        """Seconds from the earliest start to the latest end."""
        return self.end - self.start

    @property
    def segments(self) -> list[Node]:
        """The nodes that are segments, not subsegments."""
        return [node for node in self.nodes if node.is_segment]

    @cached_property
    def failure(self) -> Failure | None:
        """The failure that decided the run, down to its first cause; None when nothing failed for good."""
        return find_failure(self.nodes)

    @property
    def status(self) -> str:
        """`failed`, `running` or `ok`."""
        if self.failure:
            return "failed"
        return "running" if any(node.in_progress for node in self.nodes) else "ok"


def build(documents: Iterable[Mapping[str, Any]], now: float | None = None) -> Tree:
    """Build the tree of a trace.

    Parameters
    ----------
    documents
        Segment and subsegment documents of one trace, as dictionaries, in any order.
    now
        Epoch seconds at which they were fetched: what is in progress is drawn until then.

    Raises
    ------
    EmptyTraceError
        If no document has an id and a start time.

    Example
    -------
    >>> tree = build([{"id": "1" * 16, "name": "web", "start_time": 1.0, "end_time": 3.5}])
    >>> tree.root.name, tree.duration, tree.status
    ('web', 2.5, 'ok')
    """
    problems: list[str] = []
    nodes = _read_nodes(documents, problems)
    if not nodes:
        raise EmptyTraceError("The trace has no segment with an id and a start time.")
    root, orphans = _connect(nodes)
    ordered = list(root.walk())
    for node in ordered:
        node.segment_above = node if node.is_segment or not node.parent else node.parent.segment_above
    settle(ordered)
    problems += align(ordered)
    if any(node.shift for node in ordered):
        _sort_children(ordered)
        ordered = list(root.walk())
    _resolve_cause_ids(ordered)
    measure(ordered, now)
    problems += map(_placed, orphans)
    start, end = min(node.start for node in ordered), max(node.finish for node in ordered)
    return Tree(root, ordered, start, end, orphans, problems)


def _placed(orphan: Node) -> str:
    """Return why a node hangs below the root."""
    if orphan.is_missing:
        return f"{len(orphan.children):,} spans have the parent {orphan.id}, which is not in the trace."
    missing = f"its parent {orphan.parent_id} is not in the trace" if orphan.parent_id else "it has no parent"
    return f"{orphan.name} ({orphan.id}) is shown below the root: {missing}."


def _read_nodes(documents: Iterable[Mapping[str, Any]], problems: list[str]) -> dict[str, Node]:
    merged: dict[str, Mapping[str, Any]] = {}
    scaled = reversed_ = 0
    for fields in _flatten(documents):
        start, end = epoch_seconds(fields.get("start_time")), epoch_seconds(fields.get("end_time"))
        if start is None or not fields.get("id"):
            problems.append(
                f"A document named {fields.get('name')!r} has no id or no start_time and is ignored."
            )
            continue
        scaled += has_other_unit(fields.get("start_time"))
        reversed_ += end is not None and end < start
        key = str(fields["id"])
        merged[key] = _merge(merged[key], fields) if key in merged else fields
    if scaled:
        problems.append(f"Times of {_spans(scaled)} are in milliseconds or less, and are read as such.")
    if reversed_:
        problems.append(
            f"By their times, {_spans(reversed_)} ended before the start: drawn without a length."
        )
    return {key: node for key, fields in merged.items() if (node := read_node(fields))}


def _spans(count: int) -> str:
    return "1 span" if count == 1 else f"{count:,} spans"


def _flatten(documents: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield every document and nested subsegment, each subsegment with its parent's id."""
    for document in documents:
        if isinstance(document, Mapping):
            yield from preorder(document, _subsegments)


def _subsegments(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    nested = document.get("subsegments")
    return [
        {**child, "parent_id": document.get("id"), "type": "subsegment"}
        for child in (nested if isinstance(nested, list) else ())
        if isinstance(child, Mapping)
    ]


def _merge(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Join two documents of one id: the complete one wins, the other fills what it lacks."""
    other_is_newer = _completeness(other) >= _completeness(one)
    older, newer = (one, other) if other_is_newer else (other, one)
    joined = {**older, **newer}
    for key in ("annotations", "metadata"):
        if isinstance(older.get(key), Mapping) and isinstance(newer.get(key), Mapping):
            joined[key] = {**older[key], **newer[key]}
    return joined


def _completeness(fields: Mapping[str, Any]) -> float:
    end = epoch_seconds(fields.get("end_time"))
    return -1.0 if end is None else end


def _connect(nodes: dict[str, Node]) -> tuple[Node, list[Node]]:
    """Set parents and children; return the root and the nodes that had to be put below it."""
    for node in nodes.values():
        node.parent = nodes.get(node.parent_id or "")
    _cut_cycles(nodes)
    _add_missing_parents(nodes)
    tops = [node for node in nodes.values() if node.parent is None]
    # Better a segment without a parent than one whose parent is missing, and an earlier one than a later.
    root = min(tops, key=lambda node: (not node.is_segment, node.parent_id is not None, node.start))
    orphans = sorted((node for node in tops if node is not root), key=lambda node: node.start)
    for orphan in orphans:
        orphan.orphan, orphan.parent = True, root
    for node in nodes.values():
        if node.parent:
            node.parent.children.append(node)
    _sort_children(nodes.values())
    return root, orphans


def _sort_children(nodes: Iterable[Node]) -> None:
    for node in nodes:
        node.children.sort(key=lambda child: (child.start, child.end or float("inf"), child.id))


def _add_missing_parents(nodes: dict[str, Node]) -> None:
    """Keep siblings siblings where their parent is not in the trace: a node stands for it."""
    siblings: dict[str, list[Node]] = {}
    for node in nodes.values():
        if node.parent_id and node.parent_id not in nodes:
            siblings.setdefault(node.parent_id, []).append(node)
    for parent_id, children in siblings.items():
        if len(children) > 1:
            nodes[parent_id] = parent = Node(
                id=parent_id,
                name="parent not in the trace",
                start=min(child.start for child in children),
                end=max(child.start if child.end is None else child.end for child in children),
                is_segment=False,
                end_unknown=True,
                is_missing=True,
            )
            for child in children:
                child.parent = parent


def _cut_cycles(nodes: dict[str, Node]) -> None:
    """Make one node of every parent cycle a top: only broken senders make one, but it must not hang us."""
    safe: set[str] = set()
    for node in nodes.values():
        path: set[str] = set()
        step: Node | None = node
        while step and step.id not in safe and step.id not in path:
            path.add(step.id)
            step = step.parent
        if step and step.id in path:
            step.parent = None
        safe |= path


def _resolve_cause_ids(nodes: list[Node]) -> None:
    """Copy exceptions to the nodes whose `cause` is only the id of an exception recorded elsewhere."""
    known = {exception.id: exception for node in nodes for exception in node.exceptions if exception.id}
    for node in nodes:
        if node.cause_id in known:
            node.exceptions = (known[node.cause_id],)
