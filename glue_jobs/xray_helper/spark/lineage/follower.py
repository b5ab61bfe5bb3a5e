# SPDX-License-Identifier: Apache-2.0
"""From plans and executions to an outcome on each step's span."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from xray_common.conventions import STEP_INLINED_INTO, STEP_OUTCOME, STEP_STAGES
from xray_helper.spark.lineage.execution_plans import ExecutionPlans
from xray_helper.spark.lineage.logical_plan import LogicalPlan
from xray_helper.spark.lineage.outcomes import UNKNOWN, Outcome, OutcomeFinder
from xray_helper.spark.lineage.plan_capture import CapturedStep, PlanCapture
from xray_helper.spark.lineage.plan_text import WholePlans
from xray_helper.spark.lineage.step_plan_index import StepPlanIndex
from xray_helper.spark.lineage.step_plans import StepPlan
from xray_helper.spark.status_store.status_collector import Actions
from xray_helper.spark.status_store.store import StatusStore
from xray_helper.spark.units import NS_PER_MS

if TYPE_CHECKING:
    from xray_helper.observers import StepHandle

MAX_SECONDS: Final = 1.0  # at the end of the job; steps that are not decided by then are unknown


class LineageFollower:
    """Follows what the steps of one job planned and what came of it."""

    def __init__(self, *, context: Any, store: StatusStore) -> None:
        self._store = store
        self._capture = PlanCapture(context)
        self._executions = ExecutionPlans(store=store)
        self._whole_plans = WholePlans()

    def enter(self, number: int) -> None:
        """Begin a step."""
        self._capture.enter(number)

    def output(self, number: int, frame: Any) -> None:
        """Remember a DataFrame that a step made; from the first one on, Spark writes its plans whole."""
        self._whole_plans.request(frame.sparkSession)
        self._capture.output(number, frame)

    def leave(self, number: int) -> None:
        """End a step."""
        self._capture.leave(number)

    def add(self, actions: Actions) -> None:
        """Remember what a step has run."""
        self._executions.add(actions)

    def close(self, steps: Mapping[int | None, StepHandle], *, is_complete: bool) -> None:
        """Write the outcomes; ``is_complete``: all executions of the job are known."""
        deadline = time.monotonic() + MAX_SECONDS
        captured = [step for step in self._capture.steps if step.number in steps]
        if captured:
            self._executions.is_complete &= is_complete
            self._executions.read()
            with self._whole_plans.apply():
                texts = iter(self._store.read_texts([plan for step in captured for plan in step.plans]))
                plans = [_read(step, steps[step.number], texts) for step in captured]
            finder = OutcomeFinder(index=StepPlanIndex(plans), executions=self._executions)
            for plan in plans:
                is_late = time.monotonic() > deadline
                _write(steps[plan.captured.number], Outcome() if is_late else finder.find(plan))
        self.restore()

    def restore(self) -> None:
        """Leave Spark's settings as they were."""
        self._whole_plans.restore()


def _read(captured: CapturedStep, step: StepHandle, texts: Iterator[str]) -> StepPlan:
    started_ns: int = getattr(step.span, "start_time", None) or 0
    plans = [LogicalPlan.parse(next(texts)) for _ in captured.plans]
    return StepPlan(captured, name=step.name, started_ms=started_ns // NS_PER_MS, plans=plans)


def _write(step: StepHandle, outcome: Outcome) -> None:
    step.set_attribute(STEP_OUTCOME, outcome.kind)
    step.set_attribute(STEP_STAGES, sorted(outcome.stages) or None)
    if outcome.kind != UNKNOWN:
        step.set_attribute(STEP_INLINED_INTO, ", ".join(sorted(outcome.into)) or None)
        step.set_attribute("spark.step.columns.eliminated", outcome.eliminated or None)
