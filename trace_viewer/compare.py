# SPDX-License-Identifier: Apache-2.0
"""Two traces of the same kind, step by step: what got slower, what changed in rows.

Steps are aligned by the path of names from the root. Where siblings share a name (attempts of a state, Spark
jobs without their numbers), the first goes with the first, the second with the second.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from trace_viewer.document import Node
from trace_viewer.known import rejected_by_reason, row_counts
from trace_viewer.spark import unnumbered
from trace_viewer.trace import Trace
from trace_viewer.view import short_name, shown_children

NOTABLE_SHARE = 0.01  # of the longer trace: a smaller change is noise
TOLD = 3  # steps named in the heading

Counts = tuple[int | None, int | None]
"""A number of rows in the first and in the second trace; None where a trace does not say."""


@dataclass(slots=True, eq=False)
class Pair:
    """A step of one or of both traces. Times are in seconds, changes are second minus first."""

    first: Node | None
    second: Node | None
    depth: int = 0
    children: list[Pair] = field(default_factory=list)

    @property
    def any(self) -> Node:
        """The step in the second trace, or in the first where the second has none."""
        found = self.second or self.first
        assert found is not None  # noqa: S101 a pair has at least one side
        return found

    @property
    def name(self) -> str:
        """The name that both traces share; with its number where only one trace has it."""
        both = self.first is not None and self.second is not None
        name = short_name(self.any.name)
        return unnumbered(name) if both and self.depth else name

    @property
    def change(self) -> float:
        """By how much the step took longer; a step that a trace lacks took no time there."""
        return _duration(self.second) - _duration(self.first)

    @property
    def times(self) -> float | None:
        """How many times as long it took; None where a trace lacks it or it took no time."""
        return _factor(_duration(self.first), _duration(self.second)) if self.first and self.second else None

    @property
    def own_change(self) -> float:
        """By how much its own time grew: the part that is not told by the steps below."""
        return (self.second.self_time if self.second else 0.0) - (self.first.self_time if self.first else 0.0)

    @property
    def is_step(self) -> bool:
        """Whether this is a segment or a part of one by name: what a person looks for."""
        node = self.any
        return node.is_segment or node.parent is None or node.parent.is_segment

    @property
    def step_change(self) -> float:
        """By how much the step itself took longer: with its Spark work, without the segments it waits for."""
        return self.own_change if self.any.is_segment or self._has_segments else self.change

    @property
    def _has_segments(self) -> bool:
        return any(below is not self and below.any.is_segment for below in _preorder(self))

    @property
    def rows(self) -> dict[str, Counts]:
        """The row counts, by annotation name, where at least one trace has them."""
        return _sides(*(row_counts(node) if node else {} for node in (self.first, self.second)))

    @property
    def reasons(self) -> dict[str, Counts]:
        """The rejected rows, by reason, where at least one trace has them."""
        return _sides(*(rejected_by_reason(node) if node else {} for node in (self.first, self.second)))

    @property
    def status_changed(self) -> bool:
        """Whether the step failed in one trace only, or runs only in one."""
        return self.first is not None and self.second is not None and self.first.status != self.second.status

    @property
    def rows_changed(self) -> bool:
        """Whether both traces count rows of the step, and not the same."""
        counts = [*self.rows.values(), *self.reasons.values()]
        return None not in (self.first, self.second) and any(one != other for one, other in counts)


@dataclass(frozen=True)
class Comparison:
    """Two traces, aligned."""

    first: Trace
    second: Trace
    root: Pair

    @cached_property
    def pairs(self) -> list[Pair]:
        """All steps, parents first."""
        return list(_preorder(self.root))

    @property
    def change(self) -> float:
        """By how many seconds the whole second trace took longer."""
        return self.second.tree.duration - self.first.tree.duration

    @property
    def times(self) -> float | None:
        """How many times as long the whole second trace took; None when the first took no time."""
        return _factor(self.first.tree.duration, self.second.tree.duration)

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
        """Say whether a step changed in time, rows or outcome."""
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
    >>> from trace_viewer.trace import Trace
    >>> def run(seconds):
    ...     return Trace.from_json([{"id": "1", "name": "job", "start_time": 0, "end_time": seconds}])
    >>> compare(run(2.0), run(3.5)).change
    1.5
    """
    root = Pair(first.tree.root, second.tree.root)
    stack = [root]
    while stack:
        pair = stack.pop()
        pair.children = [
            Pair(one, other, pair.depth + 1) for one, other in _align(_below(pair.first), _below(pair.second))
        ]
        stack.extend(pair.children)
    return Comparison(first, second, root)


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


def _preorder(root: Pair) -> Iterator[Pair]:
    stack = [root]
    while stack:
        pair = stack.pop()
        yield pair
        stack.extend(reversed(pair.children))


def _sides(first: dict[str, int], second: dict[str, int]) -> dict[str, Counts]:
    names = [*first, *(name for name in second if name not in first)]
    return {name: (first.get(name), second.get(name)) for name in names}


def _duration(node: Node | None) -> float:
    return node.duration if node else 0.0


def _factor(first: float, second: float) -> float | None:
    return second / first if first > 0 else None
