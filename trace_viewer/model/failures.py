# SPDX-License-Identifier: Apache-2.0
"""The failure that decided a trace, down to its first cause."""

from __future__ import annotations

from dataclasses import dataclass

from trace_viewer.model.document import ExceptionInfo, Node


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure that nobody recovered from.

    `path` leads from the outermost failing node down to `node`, the first cause: the deepest failing node
    with an exception. `exception` is None when no node on the path has one.
    """

    path: tuple[Node, ...]
    node: Node
    exception: ExceptionInfo | None

    @property
    def step(self) -> tuple[Node, ...]:
        """The path from the failed segment nearest to the cause."""
        segments = [index for index, node in enumerate(self.path) if node.is_segment and not node.inferred]
        return self.path[segments[-1] :] if segments else self.path


def find_failure(nodes: list[Node]) -> Failure | None:
    """Return the failure that decided the trace; None when there is none or all were recovered from.

    Parameters
    ----------
    nodes
        All nodes of one tree, parents before children.
    """
    below = _nearest_failures_below(nodes)
    has_failing_ancestor = {failing.id for node in nodes if node.failure for failing in below[node.id]}
    outermost = [node for node in nodes if node.failure and node.id not in has_failing_ancestor]
    decisive = [node for node in outermost if not _recovered(node)]
    if not decisive:
        return None
    # A fault of a service outweighs an error that a client may have expected.
    top = min(decisive, key=lambda node: (node.failure != "fault", not node.is_segment, node.start))
    path = [top]
    while below[path[-1].id]:
        path.append(_first_of(below[path[-1].id]))
    while len(path) > 1 and not path[-1].exceptions and any(node.exceptions for node in path):
        path.pop()
    cause = path[-1]
    return Failure(path=tuple(path), node=cause, exception=cause.exceptions[0] if cause.exceptions else None)


def own_exception(node: Node) -> ExceptionInfo | None:
    """Return the exception to show at a failing node: none where a failing node below shows one."""
    if not node.failure or not node.exceptions:
        return None
    shown_below = any(below.failure and below.exceptions for below in node.descendants())
    return None if shown_below else node.exceptions[0]


def _nearest_failures_below(nodes: list[Node]) -> dict[str, list[Node]]:
    """Per node id: the failing nodes below it that are reached without passing another failing one."""
    below: dict[str, list[Node]] = {}
    for node in reversed(nodes):
        below[node.id] = [
            failing for child in node.children for failing in ([child] if child.failure else below[child.id])
        ]
    return below


def _first_of(failing: list[Node]) -> Node:
    """Choose the failure to blame: of attempts with one name the newest, of different things the earliest."""
    newest: dict[str, Node] = {}
    for node in sorted(failing, key=lambda node: node.start):
        newest[node.name] = node
    return min(newest.values(), key=lambda node: (node.failure != "fault", node.finish))


def _recovered(node: Node) -> bool:
    """Return whether a later attempt succeeded, or the caller saw the failure and still ended well."""
    caller = node.parent
    while caller and caller.inferred:
        caller = caller.parent
    if caller is None or node.orphan:
        return False
    siblings = node.parent.children if node.parent else []
    retried = any(
        other.name == node.name and other.start >= node.finish and other.status == "ok" for other in siblings
    )
    return retried or (caller.status == "ok" and caller.finish >= node.finish)
