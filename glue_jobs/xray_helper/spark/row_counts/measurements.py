# SPDX-License-Identifier: Apache-2.0
"""Measured steps, on demand: exact rows, or the step's own time.

``rows`` puts a marker on the step's output: the rows are counted in the pass that runs anyway. The marker
keeps filters of later steps from moving below it, so the plan is not quite the one without it; a step that
only adds or chooses columns has as many rows as the marked step before it, and needs none. ``time`` runs the
step with all that is before it, and throws the result away: true times, paid for by computing everything
again in the next step.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

from xray_common.conventions import STEP_OUTPUT_ROWS
from xray_helper.spark.row_counts.counts import RowCounts
from xray_helper.spark.row_counts.markers import mark, number_of, passed, stops_early
from xray_helper.spark.status_store.records import Execution
from xray_helper.spark.status_store.status_collector import Actions
from xray_helper.spark.status_store.store import StatusStore

if TYPE_CHECKING:
    from xray_helper.observers import StepHandle

# Nodes of an analysed plan that hand on exactly the rows of their only child.
_KEEPS_ROWS: Final = frozenset(
    {"Project", "Window", "Sort", "SubqueryAlias", "Repartition", "RepartitionByExpression", "CollectMetrics"}
)
_MAX_NODES: Final = 100  # two small calls each; beyond that a marker costs less
_NUMBERS: Final = itertools.count()  # of markers, for all jobs of this process: they may share DataFrames
_MAX_EXECUTIONS: Final = 200  # of one job; reading one takes some milliseconds


class Measurements:
    """The measured steps of one job."""

    def __init__(self, store: StatusStore) -> None:
        self._store = store
        self._steps: dict[int, list[StepHandle]] = {}  # by the number of their marker
        self._counts = RowCounts()
        self._executions_read = 0

    def apply(self, step: StepHandle, frame: Any) -> Any:
        """Measure a DataFrame as its step asks."""
        if step.measure == "rows":
            return self._count(step, frame)
        if step.measure == "time":
            frame.write.format("noop").mode("overwrite").save()
            step.set_attribute("spark.step.measured", "time")
        return frame

    def read(self, actions: Actions) -> None:
        """Read what the markers have counted in actions that are over."""
        if not self._steps:
            return
        for execution in actions.executions:
            if self._executions_read < _MAX_EXECUTIONS:
                self._read_execution(execution)
            else:
                self._counts.miss()
        if actions.jobs:  # of RDDs: Spark keeps no metrics of operators for them
            self._counts.miss()

    def write(self) -> None:
        """Set the rows of the steps that ran; a step that did not run has none."""
        for number, rows in self._counts.rows().items():
            for step in self._steps.get(number, ()):  # a DataFrame may bring the marker of another job
                step.set_attribute(STEP_OUTPUT_ROWS, rows)

    def _read_execution(self, execution: Execution) -> None:
        self._executions_read += 1
        plan = self._store.plan_graphs([execution.id])[execution.id]
        if any(number_of(node["desc"]) is not None for node in plan.nodes):
            found = passed(plan.nodes, plan.edges, plan.values)
            self._counts.add(found, is_whole=_ran_once(execution) and not stops_early(plan.nodes))

    def _count(self, step: StepHandle, frame: Any) -> Any:
        """Count by the marker that is there for the same rows, or by a new one."""
        step.set_attribute("spark.step.measured", "rows")
        number = _marker_below(frame)
        if number in self._steps:
            self._steps[number].append(step)
            return frame
        number = next(_NUMBERS)
        self._steps[number] = [step]
        return mark(frame, number)


def _marker_below(frame: Any) -> int | None:
    """Return the marker that all rows of a DataFrame, and no others, pass."""
    node = frame._jdf.queryExecution().analyzed()
    for _ in range(_MAX_NODES):
        kind = node.nodeName()
        if kind == "Filter":
            return number_of(node.condition().toString())
        if kind not in _KEEPS_ROWS:
            return None
        node = node.child()
    return None


def _ran_once(execution: Execution) -> bool:
    retried = any(stage.attempt > 0 for job in execution.jobs for stage in job.stages)
    return execution.is_intact and not retried
