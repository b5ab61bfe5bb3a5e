# SPDX-License-Identifier: Apache-2.0
"""From plans and executions to an outcome on each step's span."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from xray_common.conventions import EXECUTED, STEP_INLINED_INTO, STEP_OUTCOME, STEP_STAGES, UNKNOWN
from xray_helper.spark.lineage.execution_plans import ExecutionPlans
from xray_helper.spark.lineage.frame_watch import FrameWatch
from xray_helper.spark.lineage.logical_plan import LogicalPlan
from xray_helper.spark.lineage.outcomes import Outcome, OutcomeFinder, merged
from xray_helper.spark.lineage.plan_capture import CapturedStep, PlanCapture
from xray_helper.spark.lineage.plan_text import WholePlans
from xray_helper.spark.lineage.step_plan_index import StepPlanIndex
from xray_helper.spark.lineage.step_plans import StepPlan
from xray_helper.spark.status_store.status_collector import Actions
from xray_helper.spark.status_store.store import StatusStore
from xray_helper.spark.units import NS_PER_MS

if TYPE_CHECKING:
    from xray_helper.observers import Frames, StepHandle

MAX_SECONDS: Final = 1.0  # at the end of the job; steps that are not decided by then are unknown


class LineageFollower:
    """Follows what the steps of one job planned and what came of it.

    Parameters
    ----------
    context, store
        The ``SparkContext``, and where the plans of its executions are read.
    current
        Returns the number of the step around the code that runs; None outside of steps.
    made
        Is called with each DataFrame that Python makes, and brings it to ``made``.
    """

    def __init__(
        self,
        *,
        context: Any,
        store: StatusStore,
        current: Callable[[], int | None],
        made: Callable[[Any], None],
    ) -> None:
        self._store = store
        self._capture = PlanCapture(context, current=current)
        self._executions = ExecutionPlans(store=store)
        self._whole_plans = WholePlans()
        self._acted: set[int | None] = set()
        self._frames = FrameWatch(made)
        self._frames.look()

    def enter(self, number: int) -> None:
        """Begin a step."""
        self._frames.look()
        self._capture.enter(number)

    def made(self, frame: Any) -> None:
        """Remember who made a DataFrame; from the first one on, Spark writes its plans whole."""
        if not self._whole_plans.are_requested:
            self._whole_plans.request(frame.sparkSession)
        self._capture.made(frame)

    def output(self, number: int, frame: Any) -> None:
        """Remember a DataFrame that a step shows."""
        self._whole_plans.request(frame.sparkSession)
        self._capture.output(number, frame)

    def leave(self, number: int) -> None:
        """End a step."""
        self._capture.leave(number)

    def planned(self, number: int, frames: Frames) -> None:
        """Remember what one pass of a line made."""
        self._capture.planned(number, frames)

    def add(self, number: int | None, actions: Actions) -> None:
        """Remember what a step has run; the plans until here are read, so that nothing is held for them."""
        self._acted.add(number)
        self._executions.add(actions)
        self._read_plans()

    def close(self, steps: Mapping[int | None, StepHandle], *, is_complete: bool) -> None:
        """Write the outcomes; ``is_complete``: all executions of the job are known."""
        deadline = time.monotonic() + MAX_SECONDS
        captured = [step for step in self._capture.steps if step.number in steps]
        if captured:
            self._executions.is_complete &= is_complete
            self._executions.read()
            self._read_plans()
            plans = [_parse(step, steps[step.number]) for step in captured]
            finder = OutcomeFinder(index=StepPlanIndex(plans), executions=self._executions)
            found: dict[int, list[Outcome]] = {}
            for plan in plans:
                is_late = time.monotonic() > deadline
                outcome = Outcome() if is_late else finder.find(plan)
                if outcome.kind == EXECUTED or not self._is_all_done(plan.captured):
                    found.setdefault(plan.captured.number, []).append(outcome)
            for number, outcomes in found.items():
                _write(steps[number], merged(outcomes))
        self.restore()

    def stop(self) -> None:
        """Look at no more DataFrames."""
        self._frames.stop()

    def restore(self) -> None:
        """Leave PySpark, and Spark's settings, as they were."""
        self.stop()
        self._whole_plans.restore()

    def _read_plans(self) -> None:
        captured = self._capture.pending()
        if captured:
            with self._whole_plans.apply():
                texts = iter(self._store.read_texts([plan for step in captured for plan in step.plans]))
            for step in captured:
                step.plans = [next(texts) for _ in step.plans]

    def _is_all_done(self, captured: CapturedStep) -> bool:
        """Return whether a step has run what it wanted: what it left over may be no more than a variable."""
        return captured.number in self._acted and not (captured.is_line or captured.is_shown)


def _parse(captured: CapturedStep, step: StepHandle) -> StepPlan:
    started_ns: int = getattr(step.span, "start_time", None) or 0
    plans = [plan for plan in map(LogicalPlan.parse, captured.plans) if not plan.is_streaming]
    return StepPlan(captured, name=step.name, started_ms=started_ns // NS_PER_MS, plans=plans)


def _write(step: StepHandle, outcome: Outcome) -> None:
    step.set_attribute(STEP_OUTCOME, outcome.kind)
    step.set_attribute(STEP_STAGES, sorted(outcome.stages) or None)
    if outcome.kind != UNKNOWN:
        step.set_attribute(STEP_INLINED_INTO, ", ".join(sorted(outcome.into)) or None)
        step.set_attribute("spark.step.columns.eliminated", outcome.eliminated or None)
