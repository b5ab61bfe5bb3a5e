# SPDX-License-Identifier: Apache-2.0
"""Everything the captured plans tell: which step asked for which column, and what uses it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from xray_helper.spark.lineage import expressions as ex
from xray_helper.spark.lineage.logical_plan import Above, Definition, LogicalPlan, Node
from xray_helper.spark.lineage.physical_plan import PhysicalPlan
from xray_helper.spark.lineage.plan_capture import PlannedStep

_COLUMN: Final = re.compile(r"[\w.]+#(\d+)L?")
_MAX_CHARS: Final = 5_000  # of an expression with its inputs written out
_MAX_DEPTH: Final = 20
_NOTHING: Final = Above([], is_chain=False)
_MAKES_COLUMNS: Final = frozenset({"Project", "Aggregate", "Window"})


@dataclass
class Asked:
    """What one step asked for.

    ``operators`` are those without columns of their own, such as filters; ``operators_known`` is False when
    it cannot be told which of them are this step's.
    """

    step: PlannedStep
    name: str
    started_ms: int
    plans: list[LogicalPlan]
    definitions: list[Definition] = field(default_factory=list)
    above: list[Node] = field(default_factory=list)
    inputs: list[LogicalPlan] = field(default_factory=list)
    operators_known: bool = False

    @property
    def operators(self) -> list[Node]:
        """The step's operators that do more than compute or choose columns."""
        return [node for node in self.above if node.is_work and not _only_columns(node)]


class Knowledge:
    """What all captured steps asked for, in the order in which they ended."""

    def __init__(self, steps: list[Asked]) -> None:
        self._steps = steps
        self.is_complete = all(plan.is_complete for asked in steps for plan in asked.plans)
        self._definitions: dict[int, Definition] = {}
        self._texts: dict[int, set[str]] = {}
        self._closures: dict[int, frozenset[int]] = {}
        for plan in (plan for asked in steps for plan in asked.plans):
            for node in plan.nodes:
                for item in node.definitions:
                    self._definitions.setdefault(item.id, item)
                    self._texts.setdefault(item.id, set()).add(item.text)
        self._seen: set[tuple[str, str]] = set()
        for asked in steps:
            self._fill(asked)

    def step_name(self, number: int) -> str:
        """Name the step that asked for a column; the innermost when steps are nested."""
        asked = self._step_of(number)
        return asked.name if asked else "a step"

    def later_than(self, asked: Asked) -> list[Asked]:
        """List the steps after one."""
        return self._steps[self._steps.index(asked) + 1 :]

    def renames_of(self, item: Definition) -> set[int]:
        """Collect the ids under which a column goes on, its own included."""
        found = {item.id}
        grown = True
        while grown:
            more = {d.id for d in self._definitions.values() if d.is_rename and d.refs & found} - found
            grown = bool(more)
            found |= more
        return found

    def users_of(self, item: Definition) -> dict[int, Definition]:
        """Collect the columns that are computed from a column, directly or not."""
        return {
            number: d
            for number, d in self._definitions.items()
            if item.id in self._closure(d) and number != item.id
        }

    def is_asked_once(self, node: Node) -> bool:
        """Tell whether one step only, and once, put such an operator into its plan."""
        return sum(other.text == node.text for asked in self._steps for other in asked.above) == 1

    def groups_by(self, keys: frozenset[int]) -> bool:
        """Tell whether a step groups by exactly these columns."""
        nodes = (node for asked in self._steps for plan in asked.plans for node in plan.nodes)
        lists = (ex.bracketed(node.arguments) for node in nodes if node.name == "Aggregate")
        return any(found and ex.ids(found[0]) == keys for found in lists)

    def conditions_on(self, item: Definition) -> Iterator[tuple[str, str]]:
        """List the conditions that use a column: name of the step that asked, text."""
        for asked in self._steps:
            for node in asked.above:
                for text in node.conditions:
                    numbers = ex.ids(text)
                    closure = numbers.union(*(self._closure_of(number) for number in numbers))
                    if item.id in closure:
                        yield asked.name, text

    def is_only_one(self, item: Definition) -> bool:
        """Tell whether no other column is computed by the same expression."""
        return sum(other.text == item.text for other in self._definitions.values()) == 1

    def variants_of(self, item: Definition) -> set[str]:
        """Write a column in all ways; where a table is read twice in one plan, its columns have two ids."""
        return set().union(*(self.variants(text) for text in self._texts[item.id]))

    def variants(self, text: str) -> set[str]:
        """Write an expression as it may have been rewritten: with columns, or with what they come from."""
        found = {ex.normal(text)}
        for _ in range(_MAX_DEPTH):
            longer = _COLUMN.sub(self._written_out, text)
            if longer == text or len(longer) > _MAX_CHARS:
                break
            text = longer
            found.add(ex.normal(text))
        return found

    def cannot_hold(self, plan: PhysicalPlan, item: Definition) -> bool:
        """Prove that no expression of a plan computes a column, under whatever name.

        An expression can hold it only if it uses one of the columns it is computed from. Those of columns
        that were asked for are known; all others must not touch them.
        """
        if item.id in plan.ids:
            return False
        sources = self._closure(item)
        users = self.users_of(item)
        for operator in plan.operators:
            for text in (*operator.expressions, *operator.conditions, *operator.list_of("Keys")):
                if not self._is_accounted_for(text, users, sources):
                    return False
        return not any(self._known_use(condition, plan) for _, condition in self.conditions_on(item))

    def _known_use(self, condition: str, plan: PhysicalPlan) -> bool:
        seen = {ex.normal(text) for operator in plan.operators for text in operator.conditions}
        return bool(self.variants(condition) & seen)

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
        return not numbers & sources and numbers <= self._all_ids

    def _written_out(self, found: re.Match[str]) -> str:
        definition = self._definitions.get(int(found[1]))
        return definition.text if definition and definition.id not in definition.refs else found[0]

    @cached_property
    def _all_ids(self) -> frozenset[int]:
        texts = (node.arguments for asked in self._steps for plan in asked.plans for node in plan.nodes)
        return frozenset(number for text in texts for number in ex.ids(text))

    def _closure(self, item: Definition) -> frozenset[int]:
        return item.refs.union(*(self._closure_of(number) for number in item.refs)) - {item.id}

    def _closure_of(self, number: int) -> frozenset[int]:
        """Collect a column and all that it is computed from."""
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

    def _step_of(self, number: int) -> Asked | None:
        owners = [asked for asked in self._steps if asked.step.owns(number)]
        return min(owners, key=lambda asked: asked.step.last_id - asked.step.first_id, default=None)

    def _fill(self, asked: Asked) -> None:
        seen: set[int] = set()
        for plan in asked.plans:
            for item in (item for node in plan.nodes for item in node.definitions):
                is_own = not item.is_rename and self._step_of(item.id) is asked
                if is_own and item.id not in seen and _signature(item) not in self._seen:
                    asked.definitions.append(item)
                seen.add(item.id)
        # A self-join or a union copies earlier columns under new ids: these are still the earlier step's.
        self._seen |= {
            _signature(item) for plan in asked.plans for node in plan.nodes for item in node.definitions
        }
        asked.operators_known = True
        for plan in asked.plans:
            above, source = self._above(asked, plan)
            asked.operators_known &= above.is_chain
            asked.above += above.nodes
            asked.inputs += [source] if source else []

    def _above(self, asked: Asked, plan: LogicalPlan) -> tuple[Above, LogicalPlan | None]:
        """Find what the step put on top of an earlier step's output; nothing when somebody else may have."""
        for earlier in reversed(self._steps[: self._steps.index(asked)]):
            for other in reversed(earlier.plans):
                above = plan.above(other)
                if above is not None:
                    is_clean = earlier.step.strangers_after == asked.step.strangers_before
                    return (above, other) if is_clean else (_NOTHING, None)
        own = asked.step.owns
        opened = [node for node in plan.nodes if node.is_leaf]
        if opened and all(
            ex.ids(node.arguments) and all(map(own, ex.ids(node.arguments))) for node in opened
        ):
            return Above(list(plan.nodes), is_chain=True), None  # made from its sources on in this step
        return _NOTHING, None


def _signature(item: Definition) -> tuple[str, str]:
    return item.name, ex.without_ids(item.text)


def _only_columns(node: Node) -> bool:
    return node.name in _MAKES_COLUMNS or bool(node.definitions)


def _is_order(text: str) -> bool:
    return ex.is_bare(text.partition(" ASC ")[0].partition(" DESC ")[0])
