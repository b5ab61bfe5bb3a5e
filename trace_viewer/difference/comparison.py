# SPDX-License-Identifier: Apache-2.0
"""Two traces of the same kind, step by step: what got slower, what changed in rows.

Steps are aligned by the path of names from the root. Where siblings share a name (attempts of a state, Spark
jobs without their numbers), the first goes with the first, the second with the second.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from trace_viewer.difference.pair import Pair, factor
from trace_viewer.model.document import Node
from trace_viewer.model.names import short_name, unnumbered
from trace_viewer.model.outline import shown_children
from trace_viewer.model.trace import Trace
from xray_common.conventions import ROWS_READ

NOTABLE_SHARE = 0.01  # of the longer trace: a smaller change is noise
OTHER_SIZE = 1.05  # times the rows, from which two runs differ in size


@dataclass(frozen=True)
class Comparison:
    """Two traces, aligned."""

    first: Trace
    second: Trace
    root: Pair

    @cached_property
    def pairs(self) -> list[Pair]:
        """All steps, parents first."""
        return list(self.root.walk())

    @property
    def change(self) -> float:
        """By how many seconds the whole second trace took longer."""
        return self.second.tree.duration - self.first.tree.duration

    @property
    def times(self) -> float | None:
        """How many times as long the whole second trace took; None when the first took no time."""
        return factor(self.first.tree.duration, self.second.tree.duration)

    @cached_property
    def rows(self) -> tuple[int, int] | None:
        """The rows that the first job read in either trace; None where one has no count, or read none."""
        read = (pair.rows.get(ROWS_READ, (None, None)) for pair in self.pairs if pair.any.is_segment)
        counts = next((both for both in read if both != (None, None)), (None, None))
        return (counts[0], counts[1]) if counts[0] and counts[1] else None

    @property
    def growth(self) -> float:
        """How many times the rows the second trace has; 1 where that is unknown or hardly differs."""
        times = self.rows[1] / self.rows[0] if self.rows else 1.0
        return 1.0 if 1 / OTHER_SIZE < times < OTHER_SIZE else times

    @cached_property
    def slower_than_rows(self) -> list[tuple[Pair, float]]:
        """The steps that grew by notably more than their rows did, with the seconds beyond, most first.

        A step whose time does not depend on rows is not asked to be faster with fewer of them.
        """
        growth = max(1.0, self.growth)
        found = [
            (pair, _step_seconds(pair.second) - growth * _step_seconds(pair.first)) for pair in self.pairs
        ]
        notable = [entry for entry in found if entry[0].is_step and entry[1] >= self.threshold]
        return sorted(notable, key=lambda entry: -entry[1])

    @cached_property
    def slower(self) -> list[Pair]:
        """The steps that got notably slower, most first: a caller is not blamed for what it waits for."""
        return self._ranked(1)

    @cached_property
    def faster(self) -> list[Pair]:
        """The steps that got notably faster, most first."""
        return self._ranked(-1)

    def _ranked(self, sign: int) -> list[Pair]:
        found = [(sign * pair.step_change, pair) for pair in self.pairs if pair.is_step]
        found = [entry for entry in found if entry[0] >= self.threshold]
        return [pair for _, pair in sorted(found, key=lambda entry: -entry[0])]

    @cached_property
    def threshold(self) -> float:
        """Seconds from which a change is worth a row."""
        return max(self.first.tree.duration, self.second.tree.duration) * NOTABLE_SHARE

    def is_notable(self, pair: Pair) -> bool:
        """Return whether a step changed in time, rows or outcome."""
        return abs(pair.change) >= self.threshold or pair.status_changed or pair.rows_changed

    @cached_property
    def notable(self) -> list[Pair]:
        """The steps that changed and the steps that lead to them, parents first."""
        kept: set[int] = set()
        for pair in reversed(self.pairs):
            if self.is_notable(pair) or any(id(child) in kept for child in pair.children):
                kept.add(id(pair))
        return [pair for pair in self.pairs if id(pair) in kept or pair is self.root]


def compare(first: Trace, second: Trace) -> Comparison:
    """Align two traces.

    Raises
    ------
    EmptyTraceError
        If one of them has nothing to show.

    Example
    -------
    >>> from trace_viewer.model.trace import Trace
    >>> def run(seconds):
    ...     text = f'{{"id": "1", "name": "job", "start_time": 0, "end_time": {seconds}}}'
    ...     return Trace("1-2-3", (("1", text),))
    >>> compare(run(2.0), run(3.5)).change
    1.5
    """
    root = Pair(first.tree.root, second.tree.root)
    for pair in root.walk():
        sides = _align(_below(pair.first), _below(pair.second))
        pair.children = [Pair(one, other, pair.depth + 1) for one, other in sides]
    return Comparison(first, second, root)


def _step_seconds(node: Node | None) -> float:
    """Return what a step took, without the segments that it waits for."""
    if node is None:
        return 0.0
    return node.self_time if any(below.is_segment for below in node.walk()) else node.duration


def _below(node: Node | None) -> list[Node]:
    return shown_children(node) if node else []


def _align(first: list[Node], second: list[Node]) -> list[tuple[Node | None, Node | None]]:
    """Pair two lists in the order of the second; what only the first has follows what it followed there."""
    keyed, other_keyed = dict(_keyed(first)), dict(_keyed(second))
    position = {key: index for index, key in enumerate(other_keyed)}
    placed: list[tuple[tuple[int, int], Node | None, Node | None]] = [
        ((position[key], 0), keyed.get(key), node) for key, node in other_keyed.items()
    ]
    after = -1
    for index, (key, node) in enumerate(keyed.items()):
        if key in position:
            after = position[key]
        else:
            placed.append(((after, index + 1), node, None))
    return [(one, other) for _, one, other in sorted(placed, key=lambda entry: entry[0])]


def _keyed(nodes: list[Node]) -> Iterator[tuple[tuple[str, str, int], Node]]:
    """Yield every node with what it is aligned by: name, kind, and the how-manieth of these it is."""
    seen: Counter[tuple[str, str]] = Counter()
    for node in nodes:
        key = (unnumbered(short_name(node.name)), node.kind)
        yield (*key, seen[key]), node
        seen[key] += 1
