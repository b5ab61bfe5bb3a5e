# SPDX-License-Identifier: Apache-2.0
"""From plans and executions to an outcome on each step's span."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from xray_common.conventions import STEP_INLINED_INTO, STEP_OUTCOME, STEP_STAGES
from xray_helper.spark.evidence import Evidence
from xray_helper.spark.harvest import Actions
from xray_helper.spark.knowledge import Asked, Knowledge
from xray_helper.spark.lineage import Lineage, PlannedStep
from xray_helper.spark.logical import LogicalPlan
from xray_helper.spark.outcomes import UNKNOWN, Outcome, decide
from xray_helper.spark.plan_text import WholePlans
from xray_helper.spark.store import StatusStore
from xray_helper.spark.tables import NS_PER_MS

if TYPE_CHECKING:
    from xray_helper.observers import StepHandle

MAX_SECONDS: Final = 1.0  # at the end of the job; steps that are not decided by then are unknown


class Planning:
    """Follows what the steps of one job planned and what came of it."""

    def __init__(self, *, context: Any, store: StatusStore) -> None:
        self._store = store
        self._lineage = Lineage(context)
        self._evidence = Evidence(store=store)
        self._whole_plans = WholePlans()

    def enter(self, number: int) -> None:
        """Begin a step."""
        self._lineage.enter(number)

    def output(self, number: int, frame: Any) -> None:
        """Remember a DataFrame that a step made; from the first one on, Spark writes its plans whole."""
        self._whole_plans.ask_for(frame.sparkSession)
        self._lineage.output(number, frame)

    def leave(self, number: int) -> None:
        """End a step."""
        self._lineage.leave(number)

    def add(self, actions: Actions) -> None:
        """Remember what a step has run."""
        self._evidence.add(actions)

    def close(self, steps: Mapping[int, StepHandle], *, is_complete: bool) -> None:
        """Write the outcomes; ``is_complete`` says that all executions of the job are known."""
        deadline = time.monotonic() + MAX_SECONDS
        planned = [step for step in self._lineage.steps if step.number in steps]
        if planned:
            self._evidence.is_complete &= is_complete
            self._evidence.read()
            with self._whole_plans.apply():
                texts = iter(self._store.reader.read_texts([p for step in planned for p in step.plans]))
                asked = [_read(step, steps[step.number], texts) for step in planned]
            knowledge = Knowledge(asked)
            for one in asked:
                is_late = time.monotonic() > deadline
                outcome = Outcome() if is_late else decide(one, knowledge=knowledge, evidence=self._evidence)
                _write(steps[one.step.number], outcome)
        self._whole_plans.restore()


def _read(planned: PlannedStep, step: StepHandle, texts: Iterator[str]) -> Asked:
    started_ns: int = getattr(step.span, "start_time", None) or 0
    plans = [LogicalPlan.parse(next(texts)) for _ in planned.plans]
    return Asked(step=planned, name=step.name, started_ms=started_ns // NS_PER_MS, plans=plans)


def _write(step: StepHandle, outcome: Outcome) -> None:
    step.set_attribute(STEP_OUTCOME, outcome.kind)
    step.set_attribute(STEP_STAGES, sorted(outcome.stages) or None)
    if outcome.kind != UNKNOWN:
        step.set_attribute(STEP_INLINED_INTO, ", ".join(sorted(outcome.into)) or None)
        step.set_attribute("spark.step.columns.eliminated", outcome.eliminated or None)
