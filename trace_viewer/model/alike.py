# SPDX-License-Identifier: Apache-2.0
"""Rows for siblings that are alike and well: 2,000 equal calls of S3 are one row that opens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from trace_viewer.model import text
from trace_viewer.model.document import Node
from trace_viewer.model.names import short_name

ALIKE = 10  # siblings of one kind from which they share a row
_NUMBER = re.compile(r"\d+")


@dataclass(slots=True)
class Group(Node):
    """A row for siblings of one name, numbers aside; they are its children."""

    @property
    def summary(self) -> str:
        """How many there are, and how long they took."""
        together, longest = sum(node.duration for node in self.children), self.longest.duration
        took = f"{text.duration(together)} together, longest {text.duration(longest)}"
        return f"{len(self.children):,} OK, {took}"

    @property
    def longest(self) -> Node:
        """The member that took longest."""
        return max(self.children, key=lambda node: node.duration)


def grouped(rows: list[Node]) -> list[Node]:
    """Return rows with those that are alike and well in groups, each at the place of its first member."""
    if len(rows) < ALIKE:
        return rows
    kinds: dict[tuple[str, str, bool], list[Node]] = {}
    for row in rows:
        kinds.setdefault(_kind(row), []).append(row)
    members: dict[str, list[Node]] = {}
    for alike in kinds.values():
        well = [row for row in alike if _is_well(row)] if len(alike) >= ALIKE else []
        members |= {row.id: well for row in well} if len(well) >= ALIKE else {}
    return list(_placed(rows, members))


def _placed(rows: list[Node], members: dict[str, list[Node]]) -> Iterator[Node]:
    for row in rows:
        alike = members.get(row.id)
        if alike is None:
            yield row
        elif alike[0] is row:
            yield _group(alike)


def _kind(row: Node) -> tuple[str, str, bool]:
    return _NUMBER.sub("#", short_name(row.name)), row.operation or row.kind, row.is_segment


def _is_well(row: Node) -> bool:
    return row.status == "ok" and not any(below.failure or below.in_progress for below in row.descendants())


def _group(members: list[Node]) -> Group:
    first = members[0]
    names = {short_name(node.name) for node in members}
    name = names.pop() if len(names) == 1 else _NUMBER.sub("…", short_name(first.name))
    end = max(node.finish for node in members)
    return Group(
        id=f"alike-{first.id}",
        name=f"{len(members):,} × {name}",  # noqa: RUF001
        start=min(node.start for node in members),
        end=end,
        finish=end,
        is_segment=False,
        parent=first.parent,
        segment_above=first.segment_above,
        children=members,
        on_critical_path=any(node.on_critical_path for node in members),
    )
