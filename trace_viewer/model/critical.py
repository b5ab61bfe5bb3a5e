# SPDX-License-Identifier: Apache-2.0
"""What a trace spent most of its critical path in."""

from __future__ import annotations

from dataclasses import dataclass

from trace_viewer.model.document import STATE_MACHINE, Node
from trace_viewer.model.names import short_name
from trace_viewer.model.outline import critical_time
from trace_viewer.model.tree import Tree

NAMED = 3
LEAST_SHARE = 0.02  # of the trace; less is not worth a word


@dataclass(frozen=True, slots=True)
class Held:
    """Spans of one name in the segments of one name: seconds of their own on the critical path.

    `node` is the one with most of it.
    """

    node: Node
    seconds: float
    times: int

    @property
    def name(self) -> str:
        """The name after that of the segment: `Write Data` alone may be of any job."""
        own, segment = short_name(self.node.name), short_name(self.node.segment.name)
        return own if self.node is self.node.segment else f"{segment} › {own}"  # noqa: RUF001


def longest(tree: Tree) -> list[Held]:
    """Return the work with most critical-path time, the states of a state machine aside (see `waited`)."""
    found: dict[tuple[str, str], list[tuple[float, Node]]] = {}
    for node in tree.nodes:
        own = _own_seconds(node)
        if own and not _is_waiting(node):
            found.setdefault((node.segment.name, node.name), []).append((own, node))
    held = [
        Held(max(parts, key=_seconds)[1], sum(map(_seconds, parts)), len(parts)) for parts in found.values()
    ]
    worth = [one for one in held if one.seconds >= tree.duration * LEAST_SHARE]
    return sorted(worth, key=lambda one: -one.seconds)[:NAMED]


def waited(tree: Tree) -> float:
    """Return the critical-path seconds of states that waited: the start and the end of what they run."""
    return sum(_own_seconds(node) for node in tree.nodes if _is_waiting(node))


def _seconds(part: tuple[float, Node]) -> float:
    return part[0]


def _own_seconds(node: Node) -> float:
    return sum(end - start for start, end in critical_time(node)) if not node.repeats_caller else 0.0


def _is_waiting(node: Node) -> bool:
    """Return whether a node is a state, or its call: what it runs is a segment of its own."""
    return node.segment.origin == STATE_MACHINE and node is not node.segment
