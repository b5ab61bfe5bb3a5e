# SPDX-License-Identifier: Apache-2.0
"""What became of a lazy step: executed, inlined, eliminated, or unknown.

Presence is proof, absence is not: a column whose id is gone may have been computed inside another expression.
So nothing is called eliminated unless every expression that ran is accounted for; when in doubt, unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from xray_common.conventions import ELIMINATED, EXECUTED, INLINED, UNKNOWN
from xray_helper.spark.lineage import expressions as ex
from xray_helper.spark.lineage.execution_plans import CompletedExecution, ExecutionPlans
from xray_helper.spark.lineage.logical_plan import Definition
from xray_helper.spark.lineage.operator_match import find_operators, find_scans
from xray_helper.spark.lineage.physical_plan import Operator
from xray_helper.spark.lineage.pruning import pruned_in
from xray_helper.spark.lineage.step_plan_index import StepPlanIndex
from xray_helper.spark.lineage.step_plans import StepPlan


@dataclass
class Outcome:
    """The answer for one step."""

    kind: str = UNKNOWN
    stages: set[int] = field(default_factory=set)
    into: set[str] = field(default_factory=set)
    eliminated: list[str] = field(default_factory=list)  # columns

    def ran_in(self, execution: CompletedExecution, operator: Operator) -> None:
        """Note that an operator ran the step, or a part of it."""
        self.kind = EXECUTED
        self.stages.update(execution.stages_of(operator))


def merged(outcomes: list[Outcome]) -> Outcome:
    """Return what became of a line that ran several times: gone only if each of its passes is."""
    if len(outcomes) == 1:
        return outcomes[0]
    kinds = {outcome.kind for outcome in outcomes}
    kind = next((kind for kind in (EXECUTED, INLINED, UNKNOWN) if kind in kinds), ELIMINATED)
    whole = Outcome(kind)
    for outcome in outcomes:
        whole.stages |= outcome.stages
        whole.into |= outcome.into
    return whole


class OutcomeFinder:
    """Compares what the steps of a job asked for with what its executions ran."""

    def __init__(self, *, index: StepPlanIndex, executions: ExecutionPlans) -> None:
        self._index = index
        self._executions = executions

    def find(self, step: StepPlan) -> Outcome:
        """Find out what became of one step."""
        outcome = Outcome()
        if step.captured.is_mixed:
            return outcome
        gone = [item for item in step.definitions if not self._was_executed(item, outcome)]
        for execution in self._executions.completed:
            plan = execution.plan
            matches = [found for node in step.operators for found in find_operators(node, plan, self._index)]
            for operator in (*matches, *find_scans(step, plan)):
                outcome.ran_in(execution, operator)
        lost = [item for item in gone if not self._was_inlined(item, outcome)]
        if outcome.into and outcome.kind == UNKNOWN:
            outcome.kind = INLINED
        self._eliminate(step, lost, outcome)
        if outcome.kind == UNKNOWN and not step.definitions:
            scans = pruned_in(step, index=self._index, executions=self._executions)
            if scans:
                outcome.kind, outcome.into = INLINED, scans
        return outcome

    def _was_executed(self, item: Definition, outcome: Outcome) -> bool:
        """Search for the column's own id, or that of a mere rename of it, where something is computed."""
        names = self._index.renames_of(item)
        found = False
        for execution in self._executions.completed:
            plan = execution.plan
            computers = [
                operator
                for name in names & plan.defined.keys()
                for operator, text in plan.defined[name]
                if self._computes(text, item, is_same=name == item.id)
            ]
            for operator in (*plan.made.get(item.id, []), *computers):
                outcome.ran_in(execution, operator)
                found = True
        return found

    def _computes(self, text: str, item: Definition, *, is_same: bool) -> bool:
        """Return whether what is written for a column is its computation, not what was left of it."""
        if is_same:
            if item.refs and not ex.ids(text):
                return False  # folded to a constant, such as the nulls of an empty join side
            return not ex.is_bare(text) or text.startswith("pythonUDF")
        return any(variant in ex.normal(text) for variant in self._index.variants_of(item))

    def _was_inlined(self, item: Definition, outcome: Outcome) -> bool:
        """Search for the column's computation inside the columns and conditions that use it."""
        index = self._index
        if not item.refs or not index.is_only_one(item):
            return False
        texts, users = index.variants_of(item), index.users_of(item)
        conditions = [(name, index.variants(text)) for name, text in index.conditions_on(item)]
        into: set[str] = set()
        for plan in (execution.plan for execution in self._executions.completed):
            for number in users.keys() & plan.defined.keys():
                for _, seen in plan.defined[number]:
                    if any(_holds_more(seen, users[number].text, text) for text in texts):
                        into.add(index.step_name(number))
            for text in plan.normal_conditions:
                into.update(name for name, variants in conditions if text in variants)
        outcome.into |= into
        return bool(into)

    def _eliminate(self, step: StepPlan, lost: list[Definition], outcome: Outcome) -> None:
        """Call columns, and a step of nothing else, eliminated if nothing that ran can hold them."""
        executions, since_ms = self._executions, step.started_ms
        if not (executions.is_complete and self._index.is_complete):
            return
        if any(time_ms >= since_ms for time_ms in executions.unreadable_since_ms):
            return
        is_all_known = step.captured.is_line or step.captured.is_shown
        if self._index.has_views and not is_all_known:  # of a frame of the step that nobody holds, perhaps
            return
        later = [execution.plan for execution in executions.completed if execution.ended_ms >= since_ms]
        gone = [item for item in lost if later and all(self._index.cannot_hold(p, item) for p in later)]
        outcome.eliminated = [item.name for item in gone]
        only_columns = step.operators_known and not step.operators
        if outcome.kind == UNKNOWN and only_columns and gone and len(gone) == len(step.definitions):
            outcome.kind = ELIMINATED


def _holds_more(seen: str, asked: str, text: str) -> bool:
    return ex.normal(seen).count(text) > ex.normal(asked).count(text)
