# SPDX-License-Identifier: Apache-2.0
"""The text of an analysed plan: what a step has asked for, before Spark changes it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from xray_helper.spark.lineage import expressions as ex
from xray_helper.spark.row_counts import markers

_LINE: Final = re.compile(r"^(?P<indent>[ :+\-]*?)(?P<name>[A-Z]\w*)(?: (?P<arguments>.*))?$")
# Operators that give all their output new ids; their last list names it.
MAKERS: Final = frozenset(
    {
        "Generate",
        "MapInPandas",
        "MapInArrow",
        "PythonMapInArrow",
        "FlatMapGroupsInPandas",
        "FlatMapGroupsInArrow",
        "FlatMapCoGroupsInPandas",
    }
)
_LISTS: Final = {"Project": 0, "Aggregate": 1, "Window": 0}  # which list of an operator has expressions
LEAVES: Final = frozenset(
    {
        "Relation",
        "LocalRelation",
        "LogicalRDD",
        "Range",
        "DataSourceV2Relation",
        "RelationV2",
        "HiveTableRelation",
    }
)
_NAMES_ONLY: Final = LEAVES | {"SubqueryAlias", "View"}


@dataclass(frozen=True)
class Definition:
    """One column and how it is computed; ``text`` is the expression, or the operator that makes it."""

    id: int
    name: str
    text: str

    @cached_property
    def refs(self) -> frozenset[int]:
        """The columns it is computed from."""
        return ex.ids(self.text) - {self.id}

    @property
    def is_rename(self) -> bool:
        """Whether it is another column under a new name or id: nothing to compute."""
        return ex.is_bare(self.text)


@dataclass(frozen=True)
class Node:
    """One operator of an analysed plan."""

    depth: int
    name: str
    arguments: str

    @cached_property
    def text(self) -> str:
        """Name and arguments, to compare with another plan."""
        return f"{self.name} {self.arguments}".rstrip()

    @property
    def is_leaf(self) -> bool:
        """Whether it is a source of rows."""
        return self.name in LEAVES

    @property
    def is_work(self) -> bool:
        """Whether it is neither a mere name for what is below it nor a row marker."""
        return self.name not in _NAMES_ONLY and markers.number_of(self.arguments) is None

    @cached_property
    def definitions(self) -> list[Definition]:
        """The columns that this operator computes."""
        lists = ex.bracketed(self.arguments)
        if self.name in MAKERS and lists:
            return [
                Definition(number, column.partition("#")[0], self.text)
                for column in ex.split(lists[-1])
                for number in ex.ids(column)
            ]
        position = _LISTS.get(self.name)
        if position is None or position >= len(lists):
            return []
        found = (ex.alias(item) for item in ex.split(lists[position]))
        return [Definition(number, name, text) for number, name, text in filter(None, found)]

    @cached_property
    def conditions(self) -> list[str]:
        """What a filter or a join asks for."""
        if self.name == "Filter":
            return ex.conjuncts(self.arguments)
        if self.name == "Join" and ", " in self.arguments:
            return ex.conjuncts(self.arguments.partition(", ")[2])
        return []


@dataclass(frozen=True)
class LogicalPlan:
    """An analysed plan, the root first; ``is_complete`` is False when Spark has cut its text."""

    nodes: tuple[Node, ...]
    is_complete: bool

    @classmethod
    def parse(cls, text: str) -> LogicalPlan:
        """Read ``LogicalPlan.toString``."""
        nodes: list[Node] = []
        for line in text.split("\n"):
            found = _LINE.match(line)
            if found:
                nodes.append(Node(len(found["indent"]), found["name"], found["arguments"] or ""))
            elif nodes:  # a literal with a line break in it
                last = nodes.pop()
                nodes.append(Node(last.depth, last.name, f"{last.arguments}\n{line}".rstrip("\n")))
        return cls(tuple(nodes), is_complete=ex.TRUNCATED not in text)

    def above(self, other: LogicalPlan) -> Above | None:
        """Find what stands between this plan's root and ``other``; None when that is not a part of it."""
        texts, wanted = self._texts, other._texts
        count = len(wanted)
        for start in range(len(texts) - count + 1):
            if texts[start : start + 1] == wanted[:1] and texts[start : start + count] == wanted:
                nodes = self._ancestors(start)
                return Above(nodes, is_chain=len(nodes) == start and start + count == len(self.nodes))
        return None

    @property
    def is_streaming(self) -> bool:
        """Whether it reads a stream, whose batches have plans of their own."""
        return any(node.name.startswith("Streaming") for node in self.nodes)

    @cached_property
    def _texts(self) -> list[str]:
        return [node.text for node in self.nodes]

    def _ancestors(self, position: int) -> list[Node]:
        found: list[Node] = []
        depth = self.nodes[position].depth if position < len(self.nodes) else 0
        for node in reversed(self.nodes[:position]):
            if node.depth < depth:
                found.insert(0, node)
                depth = node.depth
        return found


@dataclass(frozen=True)
class Above:
    """The operators above a part of a plan, the root first; a chain when each of them has one input only."""

    nodes: list[Node]
    is_chain: bool

    @property
    def has_view(self) -> bool:
        """Whether what is below a view is a part of this, which may be another's."""
        return any(node.name == "View" for node in self.nodes)
