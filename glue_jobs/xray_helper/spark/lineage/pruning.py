# SPDX-License-Identifier: Apache-2.0
"""Columns that a step dropped, and that were then never read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xray_helper.spark.lineage import expressions as ex

if TYPE_CHECKING:
    from xray_helper.spark.lineage.execution_plans import CompletedExecution, ExecutionPlans
    from xray_helper.spark.lineage.logical_plan import LogicalPlan
    from xray_helper.spark.lineage.step_plan_index import StepPlanIndex
    from xray_helper.spark.lineage.step_plans import StepPlan


def pruned_in(step: StepPlan, *, index: StepPlanIndex, executions: ExecutionPlans) -> set[str]:
    """Return the scans that left out what a step dropped.

    Only where a later step is known to have run on top of this one, and no dropped column is in that plan.
    """
    if not (step.operators_known and step.inputs and len(step.plans) == 1):
        return set()
    plan = step.plans[0]
    dropped = _columns(step.inputs[0]) - _columns(plan)
    found: set[str] = set()
    for execution in executions.completed if dropped else ():
        if not dropped & execution.plan.ids and _is_consumer(execution, plan, index.later_than(step)):
            names = (operator.name for operator in execution.plan.operators)
            found |= {name for name in names if name.startswith("Scan ")}
    return found


def _columns(plan: LogicalPlan) -> frozenset[int]:
    """Return the output of a plan whose root names it."""
    root = plan.nodes[0]
    lists = ex.bracketed(root.arguments)
    if root.name not in {"Project", "Relation"} or not lists:
        return frozenset()
    items = (ex.alias(item) or (0, "", item) for item in ex.split(lists[0]))
    return frozenset(number for found, _, text in items for number in ({found} if found else ex.ids(text)))


def _is_consumer(execution: CompletedExecution, plan: LogicalPlan, later: list[StepPlan]) -> bool:
    """Return whether an execution ran a column of a later step that stands on top of a plan."""
    seen = {item.id for operator in execution.plan.operators for item in operator.definitions}
    for other in (other for step in later for other in step.plans):
        above = other.above(plan)
        if above is None or not above.is_chain:
            continue
        if seen & {item.id for node in above.nodes for item in node.definitions if not item.is_rename}:
            return True
    return False
