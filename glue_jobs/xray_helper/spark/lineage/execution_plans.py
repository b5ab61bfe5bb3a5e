# SPDX-License-Identifier: Apache-2.0
"""What the executions of a job prove: their final plans, and which stages ran which operators."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from xray_helper.spark.lineage.physical_plan import Operator, PhysicalPlan
from xray_helper.spark.status_store.records import Record
from xray_helper.spark.status_store.status_collector import Actions
from xray_helper.spark.status_store.store import StatusStore

MAX_PLANS: Final = 100  # per job; with more executions than this nothing is called eliminated
_BETWEEN_STAGES: Final = re.compile(
    r"Exchange|QueryStage|AQEShuffleRead|InMemory|^AdaptiveSparkPlan|^Execute |^Overwrite|^Append|^WriteFiles"
)
_SKIPPED: Final = "CommandResult"  # repeats the plan of another execution


@dataclass
class CompletedExecution:
    """One execution without an error: its plan, and the names of the operators in each of its stages."""

    execution_id: int
    ended_ms: int
    plan: PhysicalPlan
    scopes: dict[int, frozenset[str]]
    has_cache_of_its_own: bool

    def stages_of(self, operator: Operator) -> list[int]:
        """Return the stages that ran an operator; none when that is not certain.

        Spark names the RDDs of a stage after the operators that made them: the names of generated functions
        are unique in a plan, those of other operators need not be. Operators without exchange between them
        share their stages.
        """
        if operator.is_cached and not self.has_cache_of_its_own:
            return []
        names = self._names.get(operator.segment, set())
        stages = sorted(stage for stage, seen in self.scopes.items() if names & seen)
        # Later stages show what filled the cache, too: they are made of its RDDs, and only read them.
        return stages[:1] if operator.is_cached else stages

    @cached_property
    def _names(self) -> dict[int, set[str]]:
        """The names that nothing outside their segment has, by segment."""
        by_name: dict[str, list[Operator]] = {}
        for operator in self.plan.operators:
            by_name.setdefault(_scope(operator), []).append(operator)
        names: dict[int, set[str]] = {}
        for name, operators in by_name.items():
            segments = {operator.segment for operator in operators}
            is_unique = len(segments if operators[0].codegen else operators) == 1
            if is_unique and not all(_BETWEEN_STAGES.search(operator.name) for operator in operators):
                names.setdefault(operators[0].segment, set()).add(name)
        return names


def _scope(operator: Operator) -> str:
    return f"WholeStageCodegen ({operator.codegen})" if operator.codegen else operator.name


class ExecutionPlans:
    """Collects executions while the job runs, reads their plans when it ends."""

    def __init__(self, *, store: StatusStore) -> None:
        self._store = store
        self._executions: list[tuple[int, int, frozenset[int]]] = []  # id, end, stages that ran
        self.unreadable_since_ms: list[int] = []  # starts of what ran by a plan that is not known
        self.is_complete = True
        self.completed: list[CompletedExecution] = []

    def add(self, actions: Actions) -> None:
        """Remember what a step has run."""
        for execution in actions.executions:
            stages = {s.id for job in execution.jobs for s in job.stages if s.data["status"] == "COMPLETE"}
            if not execution.is_intact:
                self.unreadable_since_ms.append(execution.times_ms[1])
            elif stages:
                self._executions.append((execution.id, execution.times_ms[1], frozenset(stages)))
        self.unreadable_since_ms += [job.times_ms[1] for job in actions.jobs]

    def read(self) -> None:
        """Read the plans and the operators of the stages; the newest executions when there are too many."""
        self.is_complete &= len(self._executions) <= MAX_PLANS
        wanted = self._executions[-MAX_PLANS:]
        stages = frozenset(stage for _, _, of_one in wanted for stage in of_one)
        scopes = self._scopes(stages)
        texts = self._store.plans(number for number, _, _ in wanted)
        cached: set[str] = set()
        for number, ended_ms, of_one in wanted:
            plan = self._plan(texts.get(number))
            if plan is None or any(operator.name == _SKIPPED for operator in plan.operators):
                continue
            relations = {
                o.fields.get("Arguments", "") for o in plan.operators if o.name == "InMemoryRelation"
            }
            own = not relations & cached and not self.unreadable_since_ms
            cached |= relations
            mine = {stage: scopes[stage] for stage in of_one if stage in scopes}
            self.completed.append(CompletedExecution(number, ended_ms, plan, mine, own))

    def _plan(self, text: str | None) -> PhysicalPlan | None:
        if text is None:  # evicted
            self.is_complete = False
            return None
        plan = PhysicalPlan.parse(text)
        self.is_complete &= plan.is_complete
        return plan if plan.operators else None

    def _scopes(self, stages: frozenset[int]) -> dict[int, frozenset[str]]:
        if not stages:
            return {}
        graphs = self._store.operation_graphs_from(min(stages))
        wanted = [graph for graph in graphs if graph["stageId"] in stages]
        return {graph["stageId"]: frozenset(_names(graph["rootCluster"])) for graph in wanted}


def _names(cluster: Record) -> set[Any]:
    found = {cluster["name"].strip()}
    return found.union(*(_names(child) for child in cluster["childClusters"]))
