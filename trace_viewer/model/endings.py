# SPDX-License-Identifier: Apache-2.0
"""What never got an end, in a trace whose callers have theirs."""

from __future__ import annotations

from dataclasses import dataclass

from trace_viewer.model.document import STATE_MACHINE, Node


@dataclass(frozen=True, slots=True)
class _Above:
    """What is known of the way to a node, the node included."""

    segment: Node
    goes_on: bool = False  # something on the way is still running
    is_asynchronous: bool = False  # an AWS call may return before what it started has ended
    machine_ended: bool = False  # a state machine ends what it waits for


def settle(nodes: list[Node]) -> None:
    """Find out which nodes without an end are over: they get `end_unknown` and are no longer in progress.

    A subsegment is over when its segment is: nobody is left to end it. A segment is over when what waited for
    it is: a call of another service that has returned, a state machine that has ended, callers that all have
    ended. What AWS starts, or what began after its caller's end, was not waited for and may still run.

    Parameters
    ----------
    nodes
        All nodes of one tree, parents before children.
    """
    known: dict[str, _Above] = {}
    for node in nodes:
        above = known[node.parent.id] if node.parent else None
        if node.in_progress and node.parent and above and _is_over(node, node.parent, above):
            node.in_progress, node.end_unknown = False, True
        known[node.id] = _below(node, above)


def _is_over(node: Node, parent: Node, above: _Above) -> bool:
    if parent.end_unknown and not parent.is_missing:
        return True
    if not node.is_segment:
        return not above.segment.in_progress
    if above.machine_ended or (parent.namespace == "remote" and not parent.in_progress):
        return True
    began_later = parent.end is not None and node.start >= parent.end
    return not (above.goes_on or above.is_asynchronous or _is_of_aws(node) or began_later or node.orphan)


def _is_of_aws(node: Node) -> bool:
    return node.namespace == "aws" or node.inferred or node.origin.startswith("AWS::")


def _below(node: Node, above: _Above | None) -> _Above:
    return _Above(
        segment=node if node.is_segment or above is None else above.segment,
        goes_on=node.in_progress or bool(above and above.goes_on),
        is_asynchronous=_is_of_aws(node) or bool(above and above.is_asynchronous),
        machine_ended=(node.origin == STATE_MACHINE and not node.in_progress)
        or bool(above and above.machine_ended),
    )
