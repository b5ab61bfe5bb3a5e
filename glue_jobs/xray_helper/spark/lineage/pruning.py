# SPDX-License-Identifier: Apache-2.0
"""Columns that a step dropped, and that were then never read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xray_helper.spark.lineage import expressions as ex

if TYPE_CHECKING:
    from xray_helper.spark.lineage.execution_plans import Evidence, Ran
    from xray_helper.spark.lineage.logical_plan import LogicalPlan
    from xray_helper.spark.lineage.step_plans import Asked, Knowledge


def pruned_in(asked: Asked, *, knowledge: Knowledge, evidence: Evidence) -> set[str]:
    """Name the scans that left out what a step dropped.

    Only where a later step is known to have run on top of this one, and no dropped column is in that plan.
    """
    if not (asked.operators_known and asked.inputs and len(asked.plans) == 1):
        return set()
    plan = asked.plans[0]
    dropped = _columns(asked.inputs[0]) - _columns(plan)
    found: set[str] = set()
    for ran in evidence.ran if dropped else ():
        if not dropped & ran.plan.ids and _is_consumer(ran, plan, asked, knowledge):
            found |= {operator.name for operator in ran.plan.operators if operator.name.startswith("Scan ")}
    return found


def _columns(plan: LogicalPlan) -> frozenset[int]:
    """Read the output of a plan whose root names it."""
    root = plan.nodes[0]
    lists = ex.bracketed(root.arguments)
    if root.name not in {"Project", "Relation"} or not lists:
        return frozenset()
    items = (ex.alias(item) or (0, "", item) for item in ex.split(lists[0]))
    return frozenset(number for found, _, text in items for number in ({found} if found else ex.ids(text)))


def _is_consumer(ran: Ran, plan: LogicalPlan, asked: Asked, knowledge: Knowledge) -> bool:
    """Tell whether an execution ran a column of a step that stands on top of this one."""
    seen = {item.id for operator in ran.plan.operators for item in operator.definitions}
    for later in knowledge.later_than(asked):
        for other in later.plans:
            above = other.above(plan)
            if above is None or not above.is_chain:
                continue
            if seen & {item.id for node in above.nodes for item in node.definitions if not item.is_rename}:
                return True
    return False
