# SPDX-License-Identifier: Apache-2.0
"""The failure that decided a trace, down to its first cause."""

from __future__ import annotations

import re
from dataclasses import dataclass

from trace_viewer.model.document import ExceptionInfo, Node

_LIBRARIES = re.compile(
    r"/(?:site|dist)-packages/|/lib/python3|/pyspark(?:\.zip)?/|/py4j|/xray_helper/|<frozen |<never raised>"
)
_IN_MESSAGE = re.compile(r", at (?P<path>\S+\.py):(?P<line>\d+) in ")  # the end of Spark's
EXCEPTIONS_SHOWN = 7  # causes and members behind the first exception; the page's details show all


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


def is_users_frame(frame: str) -> bool:
    """Return whether a line of a stack is of somebody's own Python, not of a library, Spark or the JVM.

    Example
    -------
    >>> is_users_frame("load (/tmp/job.py:43)"), is_users_frame("run (/x/site-packages/a.py:1)")
    (True, False)
    """
    return ".py:" in frame and not _LIBRARIES.search(frame)


def user_place(failure: Failure) -> str:
    """Return file and line of one's own code that failed, such as `job.py:43`; empty where it is unknown."""
    for _, exception in linked_exceptions(failure.node):
        frame = next(filter(is_users_frame, exception.stack), "")
        if frame:
            return frame.rpartition("(")[2].removesuffix(")").rpartition("/")[2]
        if found := _IN_MESSAGE.search(exception.message):
            return f"{found['path'].rpartition('/')[2]}:{found['line']}"
    return ""


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
    successes: dict[tuple[str, str], float] = {}
    decisive = [node for node in outermost if not _recovered(node, successes)]
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


def linked_exceptions(node: Node) -> list[tuple[str, ExceptionInfo]]:
    """Return the exceptions of a node, each with how it belongs to those before it.

    That is nothing for the first, `caused by` for the chain that led to one, and `and` for what X-Ray's
    documents link to nothing, such as the members of an exception group.
    """
    by_id = {exception.id: exception for exception in node.exceptions if exception.id}
    told: list[tuple[str, ExceptionInfo]] = []
    seen: set[int] = set()
    for first in node.exceptions:
        exception: ExceptionInfo | None = first
        word = "and" if told else ""
        while exception and id(exception) not in seen:
            seen.add(id(exception))
            told.append((word, exception))
            exception, word = by_id.get(exception.cause), "caused by"
    return told


def also_to_show(node: Node) -> list[str]:
    """Return a line for each exception behind the first: few, but always the one that began the chain."""
    behind = linked_exceptions(node)[1:]
    causes = [f"{word} {exception.headline}" for word, exception in behind if word == "caused by"]
    others = [f"{word} {exception.headline}" for word, exception in behind if word != "caused by"]
    if len(causes) > EXCEPTIONS_SHOWN:
        causes[EXCEPTIONS_SHOWN - 1 : -1] = []
    shown = (causes + others)[:EXCEPTIONS_SHOWN]
    return shown + ([f"and {len(behind) - len(shown):,} more"] if len(behind) > len(shown) else [])


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


def _recovered(node: Node, successes: dict[tuple[str, str], float]) -> bool:
    """Return whether a later attempt succeeded, or the caller saw the failure and still ended well.

    `successes` keeps what was asked: by the parent's id and a name, when the last good attempt began.
    """
    caller = node.parent
    while caller and caller.inferred:
        caller = caller.parent
    if caller is None or node.parent is None or node.orphan:
        return False
    if caller.status == "ok" and caller.finish >= node.finish:
        return True
    if (node.parent.id, "") not in successes:
        successes[node.parent.id, ""] = 0.0
        for other in node.parent.children:  # by start: the last one stays
            if other.status == "ok":
                successes[node.parent.id, other.name] = other.start
    return successes.get((node.parent.id, node.name), float("-inf")) >= node.finish
