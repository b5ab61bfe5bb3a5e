# SPDX-License-Identifier: Apache-2.0
"""Clocks that disagree.

A segment comes from a machine with a clock of its own. Where that clock is so wrong that the segment cannot
have run when it says, it is drawn inside its caller, as Jaeger and Zipkin do, and a note says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from trace_viewer.model.document import Node

EARLY = 0.5  # seconds that a segment may begin before its caller: clocks of one data centre are nearer
LATE = 900.0  # seconds after which nothing asynchronous begins: the longest delay of SQS is 15 minutes
NOTES_SHOWN = 3


def align(nodes: Iterable[Node]) -> list[str]:
    """Move segments that cannot have run when they say, with all below them; return notes about these.

    Parameters
    ----------
    nodes
        All nodes of one tree, parents before children.
    """
    until: dict[str, float] = {}  # by id: the latest moment at which it, or anything that led to it, ran
    notes: list[str] = []
    for node in nodes:
        above = node.parent
        if above is not None:
            node.shift = above.shift
            if node.is_segment and not node.inferred and not node.orphan:
                notes += _align(node, above, until[above.id])
            node.start += node.shift
            node.end = None if node.end is None else node.end + node.shift
        own = math.inf if node.in_progress else node.end if node.end is not None else node.start
        until[node.id] = max(own, until[above.id] if above else -math.inf)
    more = len(notes) - NOTES_SHOWN
    return notes[:NOTES_SHOWN] + (
        [f"{more:,} more segments are drawn at other times, too."] if more > 0 else []
    )


def _align(node: Node, above: Node, until: float) -> list[str]:
    """Set the shift of a segment; return a note if it had to be chosen."""

    def fits(start: float) -> bool:
        # What is called waits for nothing; what is started, or takes a message, may wait.
        late = EARLY if above.namespace == "remote" and above.end is not None else LATE
        last = above.end if above.namespace == "remote" and above.end is not None else until
        return above.start - EARLY <= start <= last + late

    if fits(node.start):  # each segment is asked for itself: only one clock of the chain may be wrong
        node.shift = 0.0
        return []
    if fits(node.start + above.shift):
        return []
    length = 0.0 if node.end is None else node.end - node.start
    room = 0.0 if above.end is None else max(0.0, above.end - above.start - length)
    node.shift = above.start + room / 2 - node.start
    if node.shift > 0:
        when, drawn = f"{above.start - node.start:,.1f} s before {above.name}, its caller", "later"
    else:
        last = above.start if above.end is None else above.end
        when, drawn = f"{node.start - last:,.1f} s after {above.name}, its caller, had ended", "earlier"
    by = f"{abs(node.shift):,.1f} s"
    return [
        f"{node.name} begins {when}: their clocks disagree. It is drawn {by} {drawn}, inside of its caller."
    ]
