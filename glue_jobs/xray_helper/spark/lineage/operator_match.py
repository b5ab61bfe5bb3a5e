# SPDX-License-Identifier: Apache-2.0
"""Finds the physical operator that did what a filter, a join, a sort or a dropDuplicates asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from xray_helper.spark.lineage import expressions as ex
from xray_helper.spark.lineage.logical_plan import Node
from xray_helper.spark.lineage.physical_plan import Operator, PhysicalPlan

if TYPE_CHECKING:
    from xray_helper.spark.lineage.step_plan_index import StepPlanIndex
    from xray_helper.spark.lineage.step_plans import StepPlan

_FIRST: Final = ("first(", "partial_first(", "merge_first(")


def find_operators(node: Node, plan: PhysicalPlan, index: StepPlanIndex) -> list[Operator]:
    """Return the operators of the final plan that are certainly this one."""
    match = _MATCHES.get(node.name)
    if match is None or not index.is_unique(node):
        return []
    return [operator for operator in plan.operators if match(node, operator, index)]


def find_scans(step: StepPlan, plan: PhysicalPlan) -> Iterator[Operator]:
    """Yield the operators that read what the step opened; a column's id tells whose it is."""
    leaves = (node for node in step.nodes if node.is_leaf)
    opened = {number for node in leaves for number in ex.ids(node.arguments) if step.owns(number)}
    for operator in plan.operators:
        is_scan = "Scan" in operator.name and operator.name != "InMemoryTableScan"
        if is_scan and opened & ex.ids(operator.fields.get("Output", "")):
            yield operator


def _filter(node: Node, operator: Operator, index: StepPlanIndex) -> bool:
    """Match a filter with all of its conditions, and perhaps others."""
    wanted = [index.variants(text) for text in node.conditions if "#" in text]
    seen = {ex.normal(text) for text in operator.conditions}
    return operator.name == "Filter" and bool(wanted) and all(variants & seen for variants in wanted)


def _join(node: Node, operator: Operator, index: StepPlanIndex) -> bool:
    """Match an equi-join of the same type by the same keys."""
    kind, _, _ = node.arguments.partition(",")
    if "Join" not in operator.name or operator.fields.get("Join type") != kind:
        return False
    pairs = {ex.ids(text) for text in node.conditions if " = " in text}
    keys = zip(operator.list_of("Left keys"), operator.list_of("Right keys"))
    return bool(pairs) and pairs == {ex.ids(f"{left} {right}") for left, right in keys}


def _deduplicate(node: Node, operator: Operator, index: StepPlanIndex) -> bool:
    """Match an aggregate that groups by the same columns and takes the first of each other one."""
    lists = ex.bracketed(node.arguments)
    keys = ex.ids(lists[0]) if lists else frozenset()
    if not operator.name.endswith("Aggregate") or not keys or index.groups_by(keys):
        return False
    is_first = all(text.startswith(_FIRST) for text in operator.list_of("Functions"))
    return is_first and frozenset().union(*map(ex.ids, operator.list_of("Keys"))) == keys


def _sort(node: Node, operator: Operator, index: StepPlanIndex) -> bool:
    """Match a global sort; one that Spark adds for a join or a window is not global."""
    return (
        node.arguments.endswith(", true")
        and operator.name == "Sort"
        and operator.fields.get("Arguments", "").startswith(node.arguments)
    )


_MATCHES: Final = {"Filter": _filter, "Join": _join, "Deduplicate": _deduplicate, "Sort": _sort}
