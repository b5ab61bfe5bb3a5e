# SPDX-License-Identifier: Apache-2.0
"""The text of a physical plan as the SQL tab of the Spark UI shows it (``explain("formatted")``)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from xray_helper.spark.lineage import expressions as ex
from xray_helper.spark.lineage.logical_plan import MAKERS, Definition

_TREE: Final = re.compile(r"^(?P<indent>[ :+\-]*)(?:\* )?(?P<name>[A-Z][^\n]*?) +\((?P<number>\d+)\)")
_REGION: Final = re.compile(r"^(?P<indent>[ :+\-]*)== (?P<name>Final|Current|Initial) Plan ==")
_SECTION: Final = re.compile(
    r"^\((?P<number>\d+)\) (?P<name>[^\n\[]+?)\s*(?:\[codegen id : (?P<codegen>\d+)\])?\s*$"
)
_FIELD: Final = re.compile(r"^(?P<name>[A-Z][\w ]*?)(?: \[\d+\])? ?: (?P<value>.*)$")
_SUBQUERIES: Final = "===== Subqueries ====="
_STAGE_ENDS: Final = re.compile(r"Exchange|^TakeOrderedAndProject|^CollectLimit|^CollectTail")
_LISTS: Final = ("Output", "Results", "Functions", "Arguments")


@dataclass
class Operator:
    """One operator of the plan that ran.

    ``codegen`` is the number of the generated function it is a part of; ``is_cached`` says that it stands
    below an ``InMemoryRelation``: then it ran when the cache was filled, perhaps in another execution.
    Operators of one ``segment`` have no exchange between them: the same stages run them.
    """

    number: int
    name: str
    codegen: int | None
    is_cached: bool = False
    segment: int = 0
    fields: dict[str, str] = field(default_factory=dict)

    @cached_property
    def definitions(self) -> list[Definition]:
        """The columns that this operator computes."""
        found = (ex.alias(item) for item in self.expressions)
        return [Definition(number, name, text) for number, name, text in filter(None, found)]

    @cached_property
    def expressions(self) -> list[str]:
        """Everything it computes, columns that only pass through included."""
        lists = [inner for name in _LISTS for inner in ex.bracketed(self.fields.get(name, ""))]
        return [item for inner in lists for item in ex.split(inner)]

    @cached_property
    def conditions(self) -> list[str]:
        """What it lets pass."""
        texts = (self.fields.get(name, "None") for name in ("Condition", "Join condition"))
        return [part for text in texts if text != "None" for part in ex.conjuncts(text)]

    def list_of(self, name: str) -> list[str]:
        """Read one of its lists."""
        return [item for inner in ex.bracketed(self.fields.get(name, "")) for item in ex.split(inner)]


@dataclass
class PhysicalPlan:
    """What one execution ran.

    Attributes
    ----------
    operators
        Those of the final plan, subqueries left out.
    text
        Everything, to prove that something is absent.
    is_complete
        False when Spark has cut the text, has replanned and not finished, or shows something that is not
        read here: then absence proves nothing.
    """

    operators: list[Operator]
    text: str
    is_complete: bool

    @cached_property
    def ids(self) -> frozenset[int]:
        """All columns that the text mentions."""
        return ex.ids(self.text)

    @cached_property
    def defined(self) -> dict[int, list[tuple[Operator, str]]]:
        """For each column the operators that compute it, and how."""
        found: dict[int, list[tuple[Operator, str]]] = {}
        for operator in self.operators:
            for item in operator.definitions:
                found.setdefault(item.id, []).append((operator, item.text))
        return found

    @cached_property
    def made(self) -> dict[int, list[Operator]]:
        """For each column the operators, such as Generate or MapInPandas, that make it as a whole."""
        found: dict[int, list[Operator]] = {}
        for operator in self.operators:
            lists = ex.bracketed(operator.fields.get("Arguments", "")) if operator.name in MAKERS else []
            for number in ex.ids(lists[-1]) if lists else ():
                found.setdefault(number, []).append(operator)
        return found

    @cached_property
    def normal_conditions(self) -> frozenset[str]:
        """What its operators let pass, as the optimizer writes it."""
        return frozenset(ex.normal(text) for operator in self.operators for text in operator.conditions)

    @classmethod
    def parse(cls, text: str) -> PhysicalPlan:
        """Read ``SQLExecutionUIData.physicalPlanDescription``."""
        main, *subqueries = text.split(_SUBQUERIES)
        tree, _, details = main.partition("\n\n\n")
        ran = _ran(tree)
        operators = [operator for operator in _sections(details) if operator.number in ran]
        for operator in operators:
            operator.is_cached, operator.segment = ran[operator.number]
        is_complete = not (
            subqueries or ex.TRUNCATED in text or "== Current Plan ==" in text or "isFinalPlan=false" in text
        )
        return cls(operators, text, is_complete and len(operators) == len(ran) > 0)


def _ran(tree: str) -> dict[int, tuple[bool, int]]:
    """Return the final plan's operators: by number, whether they are below a cache, and their segments."""
    ran: dict[int, tuple[bool, int]] = {}
    not_run: int | None = None  # column of "Initial Plan": what stands there and further right did not run
    path: list[_Place] = []
    for line in tree.split("\n"):
        region = _REGION.match(line)
        found = region or _TREE.match(line)
        if found is None:
            continue
        column = len(found["indent"])
        if not_run is not None and (column < not_run or (region and column == not_run)):
            not_run = None
        if region:
            not_run = column if region["name"] == "Initial" and not_run is None else not_run
        elif not_run is None:
            path = [place for place in path if place.column < column]
            place = _Place.below(path[-1] if path else None, found["name"], column, len(ran))
            path.append(place)
            ran[int(found["number"])] = (place.is_cached, place.segment)
    return ran


@dataclass(frozen=True)
class _Place:
    """Where in the tree an operator stands."""

    column: int
    name: str
    segment: int
    is_cached: bool

    @classmethod
    def below(cls, parent: _Place | None, name: str, column: int, count: int) -> _Place:
        if parent is None:
            return cls(column, name, count, is_cached=False)
        is_cache = parent.name.startswith("InMemoryRelation")
        segment = count if is_cache or _STAGE_ENDS.search(parent.name) else parent.segment
        return cls(column, name, segment, is_cached=parent.is_cached or is_cache)


def _sections(details: str) -> list[Operator]:
    operators: list[Operator] = []
    last = ""
    for line in details.split("\n"):
        head = _SECTION.match(line)
        if head:
            codegen = head["codegen"]
            operators.append(
                Operator(int(head["number"]), head["name"].strip(), int(codegen) if codegen else None)
            )
            last = ""
        elif operators:
            entry = _FIELD.match(line)
            if entry:
                last = entry["name"].strip()
                operators[-1].fields[last] = entry["value"]
            elif last and line.strip():  # a literal with a line break in it
                operators[-1].fields[last] += "\n" + line
    return operators
