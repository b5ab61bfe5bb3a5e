# SPDX-License-Identifier: Apache-2.0
"""A step of two traces: what it took in either, and what changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from trace_viewer.model.document import Node
from trace_viewer.model.names import short_name, unnumbered
from trace_viewer.model.row_counts import rejected_by_reason, row_counts
from xray_common.walk import preorder

Counts = tuple[int | None, int | None]
"""A number of rows in the first and in the second trace; None where a trace has no count."""


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
        return factor(_duration(self.first), _duration(self.second)) if self.first and self.second else None

    @property
    def own_change(self) -> float:
        """By how much its own time grew: the part that the steps below do not explain."""
        return (self.second.self_time if self.second else 0.0) - (self.first.self_time if self.first else 0.0)

    @property
    def is_step(self) -> bool:
        """Whether this is a segment or a part of one by name: what a person looks for."""
        node = self.any
        return node.is_segment or node.parent is None or node.parent.is_segment

    @property
    def step_change(self) -> float:
        """By how much the step itself took longer: with its Spark work, without the segments it waits for."""
        return self.own_change if any(pair.any.is_segment for pair in self.walk()) else self.change

    @property
    def rows(self) -> dict[str, Counts]:
        """The row counts, by annotation name, where at least one trace has them."""
        return _sides(*(row_counts(node) if node else {} for node in (self.first, self.second)))

    @property
    def reasons(self) -> dict[str, Counts]:
        """The rejected rows, by reason, where at least one trace has them."""
        return _sides(*(rejected_by_reason(node) if node else {} for node in (self.first, self.second)))

    @property
    def changed_reasons(self) -> dict[str, Counts]:
        """The reasons whose rejected rows changed, the largest change first."""
        changed = [(reason, both) for reason, both in self.reasons.items() if both[0] != both[1]]
        return dict(sorted(changed, key=lambda entry: -abs((entry[1][1] or 0) - (entry[1][0] or 0))))

    @property
    def status_changed(self) -> bool:
        """Whether the step failed in one trace only, or runs only in one."""
        return self.first is not None and self.second is not None and self.first.status != self.second.status

    @property
    def rows_changed(self) -> bool:
        """Whether both traces count rows of the step, and not the same."""
        counts = [*self.rows.values(), *self.reasons.values()]
        return None not in (self.first, self.second) and any(one != other for one, other in counts)

    def walk(self) -> Iterator[Pair]:
        """Yield this step and everything below it, parents first."""
        return preorder(self, lambda pair: pair.children)


def _sides(first: dict[str, int], second: dict[str, int]) -> dict[str, Counts]:
    names = [*first, *(name for name in second if name not in first)]
    return {name: (first.get(name), second.get(name)) for name in names}


def _duration(node: Node | None) -> float:
    return node.duration if node else 0.0


def factor(first: float, second: float) -> float | None:
    """Return how many times as long the second is; None where the first took no time."""
    return second / first if first > 0 else None
