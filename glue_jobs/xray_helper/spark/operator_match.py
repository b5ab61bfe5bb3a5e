# SPDX-License-Identifier: Apache-2.0
"""Finds the physical operator that did what a filter, a join, a sort or a dropDuplicates asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from xray_helper.spark import expressions as ex
from xray_helper.spark.logical import Node
from xray_helper.spark.physical import Operator, PhysicalPlan

if TYPE_CHECKING:
    from xray_helper.spark.knowledge import Asked, Knowledge

_LEAVES: Final = frozenset({"Relation", "LogicalRDD", "LocalRelation", "DataSourceV2Relation", "RelationV2"})
_FIRST: Final = ("first(", "partial_first(", "merge_first(")


def find_operator(node: Node, plan: PhysicalPlan, knowledge: Knowledge) -> Operator | None:
    """Find an operator of the final plan that is certainly this one; None when none is."""
    if not knowledge.is_asked_once(node):
        return None
    if node.name == "Filter":
        return _filter(node, plan, knowledge)
    if node.name == "Join":
        return _join(node, plan)
    if node.name == "Deduplicate":
        return _deduplicate(node, plan)
    if node.name == "Sort":
        return _sort(node, plan)
    return None


def find_scans(asked: Asked, plan: PhysicalPlan) -> Iterator[Operator]:
    """Find the operators that read what the step opened; a column's id tells whose it is."""
    leaves = (node for one in asked.plans for node in one.nodes if node.name in _LEAVES)
    opened = {number for node in leaves for number in ex.ids(node.arguments) if asked.step.owns(number)}
    for operator in plan.operators:
        if "Scan" in operator.name and operator.name != "InMemoryTableScan":
            if opened & ex.ids(operator.fields.get("Output", "")):
                yield operator


def _filter(node: Node, plan: PhysicalPlan, knowledge: Knowledge) -> Operator | None:
    wanted = [knowledge.variants(text) for text in node.conditions() if "#" in text]
    for operator in plan.operators:
        seen = {ex.normal(text) for text in operator.conditions()}
        if wanted and operator.name == "Filter" and all(variants & seen for variants in wanted):
            return operator
    return None


def _join(node: Node, plan: PhysicalPlan) -> Operator | None:
    """Match an equi-join by its type and its keys."""
    kind, _, _ = node.arguments.partition(",")
    pairs = {ex.ids(text) for text in node.conditions() if " = " in text}
    for operator in plan.operators:
        if "Join" not in operator.name or operator.fields.get("Join type") != kind:
            continue
        keys = zip(operator.list_of("Left keys"), operator.list_of("Right keys"), strict=False)
        if pairs and pairs == {ex.ids(f"{left} {right}") for left, right in keys}:
            return operator
    return None


def _deduplicate(node: Node, plan: PhysicalPlan) -> Operator | None:
    """Spark groups by the same columns and takes the first of each other one."""
    lists = ex.bracketed(node.arguments)
    keys = ex.ids(lists[0]) if lists else frozenset()
    for operator in plan.operators:
        if operator.name.endswith("Aggregate") and keys:
            functions = operator.list_of("Functions")
            is_first = all(text.startswith(_FIRST) for text in functions)
            if is_first and frozenset().union(*map(ex.ids, operator.list_of("Keys"))) == keys:
                return operator
    return None


def _sort(node: Node, plan: PhysicalPlan) -> Operator | None:
    """A global sort; one that Spark adds for a join or a window is not global."""
    if not node.arguments.endswith(", true"):
        return None
    wanted = node.arguments.removesuffix(", true")
    for operator in plan.operators:
        if operator.name == "Sort" and operator.fields.get("Arguments", "").startswith(wanted + ", true"):
            return operator
    return None
