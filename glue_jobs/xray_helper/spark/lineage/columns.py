# SPDX-License-Identifier: Apache-2.0
"""The columns that the captured plans define, and what each is computed from."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import Final

from xray_helper.spark.lineage import expressions as ex
from xray_helper.spark.lineage.logical_plan import Definition, Node
from xray_helper.spark.lineage.physical_plan import PhysicalPlan

_COLUMN: Final = re.compile(r"[\w.]+#(\d+)L?")
_MAX_CHARS: Final = 5_000  # of an expression with its inputs written out
_MAX_DEPTH: Final = 20


class Columns:
    """All columns that the operators of some analysed plans define, by expression id."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._definitions: dict[int, Definition] = {}
        self._texts: dict[int, set[str]] = {}
        self._closures: dict[int, frozenset[int]] = {}
        # Asked again for each execution and each step, of the same columns.
        self.variants = functools.cache(self._variants)
        self._users_by_id = functools.cache(self._users_of)
        self._sources_of = functools.cache(self._find_sources)
        mentioned: set[int] = set()
        for node in nodes:
            mentioned |= ex.ids(node.arguments)
            for item in node.definitions:
                self._definitions.setdefault(item.id, item)
                self._texts.setdefault(item.id, set()).add(item.text)
        self._mentioned = frozenset(mentioned)

    def renames_of(self, item: Definition) -> set[int]:
        """Return the ids under which a column goes on, its own included."""
        found = {item.id}
        grown = True
        while grown:
            more = {d.id for d in self._definitions.values() if d.is_rename and d.refs & found} - found
            grown = bool(more)
            found |= more
        return found

    def users_of(self, item: Definition) -> dict[int, Definition]:
        """Return the columns that are computed from a column, directly or not."""
        return self._users_by_id(item.id)

    def is_only_one(self, item: Definition) -> bool:
        """Return whether no other column is computed by the same expression."""
        return sum(other.text == item.text for other in self._definitions.values()) == 1

    def variants_of(self, item: Definition) -> frozenset[str]:
        """Write a column in all ways; where a table is read twice in one plan, its columns have two ids."""
        return frozenset().union(*(self.variants(text) for text in self._texts[item.id]))

    def _variants(self, text: str) -> frozenset[str]:
        """Write an expression as it may have been rewritten: with columns, or with what they come from."""
        found = {ex.normal(text)}
        for _ in range(_MAX_DEPTH):
            longer = _COLUMN.sub(self._written_out, text)
            if longer == text or len(longer) > _MAX_CHARS:
                break
            text = longer
            found.add(ex.normal(text))
        return frozenset(found)

    def uses(self, condition: str, item: Definition) -> bool:
        """Return whether a condition is computed from a column, directly or not."""
        return any(item.id in self._closure_of(number) for number in ex.ids(condition))

    def are_free_of(self, plan: PhysicalPlan, item: Definition) -> bool:
        """Prove that no expression of a plan computes a column, under whatever name.

        An expression can hold it only if it uses one of the columns it is computed from. Those of known
        columns are accounted for; all others must not touch them.
        """
        sources, users = self._sources_of(item), self.users_of(item)
        return item.id not in plan.ids and all(
            self._is_accounted_for(text, users, sources)
            for operator in plan.operators
            for text in (*operator.expressions, *operator.conditions, *operator.list_of("Keys"))
        )

    def _is_accounted_for(self, text: str, users: dict[int, Definition], sources: frozenset[int]) -> bool:
        named = ex.alias(text)
        if named is not None:
            number, _, text = named
            if number in users:
                return False
            if number in self._definitions:
                return True
        if ex.is_bare(text) or "#" not in text or ex.is_plain_function(text) or _is_order(text):
            return True
        numbers = ex.ids(text)
        return not numbers & sources and numbers <= self._mentioned

    def _written_out(self, found: re.Match[str]) -> str:
        definition = self._definitions.get(int(found[1]))
        return definition.text if definition and definition.id not in definition.refs else found[0]

    def _users_of(self, number: int) -> dict[int, Definition]:
        return {
            other: d
            for other, d in self._definitions.items()
            if number in self._sources_of(d) and other != number
        }

    def _find_sources(self, item: Definition) -> frozenset[int]:
        return item.refs.union(*(self._closure_of(number) for number in item.refs)) - {item.id}

    def _closure_of(self, number: int) -> frozenset[int]:
        """Return a column and all that it is computed from."""
        known = self._closures.get(number)
        if known is not None:
            return known
        todo, found = [number], {number}
        while todo:
            item = self._definitions.get(todo.pop())
            more = item.refs - found if item else frozenset()
            found |= more
            todo += more
        self._closures[number] = frozenset(found)
        return self._closures[number]


def _is_order(text: str) -> bool:
    return ex.is_bare(text.partition(" ASC ")[0].partition(" DESC ")[0])
