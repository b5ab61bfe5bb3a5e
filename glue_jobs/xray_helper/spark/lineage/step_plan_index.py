# SPDX-License-Identifier: Apache-2.0
"""What all captured plans tell together: which step asked for which column, and what uses it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from xray_helper.spark.lineage import expressions as ex
from xray_helper.spark.lineage.columns import Columns
from xray_helper.spark.lineage.logical_plan import Definition, Node
from xray_helper.spark.lineage.physical_plan import PhysicalPlan
from xray_helper.spark.lineage.step_plans import StepPlan, find_own_parts, owner_of


class StepPlanIndex(Columns):
    """The plans of all captured steps, in the order in which these ended, and their columns."""

    def __init__(self, steps: list[StepPlan]) -> None:
        self._steps = steps
        self._nodes = [node for step in steps for node in step.nodes]
        super().__init__(self._nodes)
        self.is_complete = all(plan.is_complete for step in steps for plan in step.plans)
        self.has_views = any(node.name == "View" for node in self._nodes)
        find_own_parts(steps)
        self._asked = Counter(node.text for step in steps for node in step.above)

    def step_name(self, number: int) -> str:
        """Return the name of the step that asked for a column."""
        owner = owner_of(number, self._steps)
        return owner.name if owner else "a step"

    def later_than(self, step: StepPlan) -> list[StepPlan]:
        """Return the steps after one."""
        return self._steps[self._steps.index(step) + 1 :]

    def is_unique(self, node: Node) -> bool:
        """Return whether one step only, and once, put such an operator into its plan."""
        return self._asked[node.text] == 1

    def groups_by(self, keys: frozenset[int]) -> bool:
        """Return whether a step groups by exactly these columns."""
        lists = (ex.bracketed(node.arguments) for node in self._nodes if node.name == "Aggregate")
        return any(found and ex.ids(found[0]) == keys for found in lists)

    def conditions_on(self, item: Definition) -> Iterator[tuple[str, str]]:
        """Yield the conditions that use a column: name of the step that asked, text."""
        for step in self._steps:
            for text in (text for node in step.above for text in node.conditions):
                if self.uses(text, item):
                    yield step.name, text

    def cannot_hold(self, plan: PhysicalPlan, item: Definition) -> bool:
        """Prove that a plan computes a column neither in an expression nor inside a known condition."""
        seen = plan.normal_conditions
        return self.are_free_of(plan, item) and not any(
            self.variants(condition) & seen for _, condition in self.conditions_on(item)
        )
