# SPDX-License-Identifier: Apache-2.0
"""How evenly the tasks of a stage ran, which of them stick out, and how many cores they used."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from xray_common import conventions as names
from xray_helper.spark.spans.notable_tasks import MOST, NotableTask, NotableTasks
from xray_helper.spark.status_store.records import Record, Stage, Task
from xray_helper.spark.status_store.store import StatusStore

# Reading the tasks sorts them (20,000 tasks: tens of milliseconds): only where skew can matter.
MIN_STAGE_MS: Final = 100
_RUN_TIME: Final = "ert"  # TaskIndexNames.EXEC_RUN_TIME
_PEAK_MEMORY: Final = "pem"  # TaskIndexNames.PEAK_MEM
_MEMORY: Final = "peakExecutionMemory"
FEW: Final = 6  # attempts of a stage that are read in one answer; of more only those that matter, in three
EVICTED: Final = "spark.stage.tasks.evicted"


@dataclass(frozen=True)
class StageTasks:
    """What is known of a stage's tasks: about all of them, and the few that are worth a span."""

    attributes: dict[str, Any] = field(default_factory=dict)
    notable: list[NotableTask] = field(default_factory=list)


class TaskStatistics:
    """Reads what only single tasks record.

    ``AppStatusStore.taskSummary`` would sort the tasks by each of its 25 metrics; this reads the two that
    are shown.
    """

    def __init__(self, *, store: StatusStore) -> None:
        self._store = store
        self._notable = NotableTasks(store=store)

    def read(self, stage: Stage) -> StageTasks:
        """Measure run time (median and longest, milliseconds) and peak memory (bytes) of successful tasks.

        Of a stage whose tasks Spark has forgotten in part (``spark.ui.retainedTasks``) neither a median nor
        the slowest is known; how many are gone is.
        """
        evicted = self._evicted(stage)
        attributes, slowest = ({EVICTED: evicted}, []) if evicted else self._measure(stage)
        median_ms = attributes.get(names.STAGE_TASK_MEDIAN_MS)
        return StageTasks(attributes, self._notable.find(stage, slowest, median_ms=median_ms))

    def _measure(self, stage: Stage) -> tuple[dict[str, Any], list[Task]]:
        """Return the measurements, and the slowest tasks where they were read."""
        count = stage.data["numCompleteTasks"]
        if count == 0:
            return {}, []
        if count == stage.data["numTasks"] == 1 and stage.data["numFailedTasks"] == 0:
            return {"spark.stage.task.peak_memory_bytes": stage.data["peakExecutionMemory"]}, []
        if stage.duration_ms < MIN_STAGE_MS:
            return {}, []
        return self._of_many(stage, count)

    def _of_many(self, stage: Stage, count: int) -> tuple[dict[str, Any], list[Task]]:
        # The lower median: of two tasks the shorter one, so that a difference is seen. Highest first here.
        view = self._store.tasks_by(_RUN_TIME, stage_id=stage.id, attempt=stage.attempt).reverse()
        if _attempts(stage) <= FEW:
            slowest = self._read(view.max(FEW))  # those that have not succeeded are the last
            median = slowest[count // 2 :]
            largest = sorted(slowest, key=lambda task: int(task.data[_MEMORY]), reverse=True)
        else:
            slowest = self._read(view.max(MOST))
            median = self._read(view.skip(count // 2).max(1))
            largest = self._read(view.index(_PEAK_MEMORY).skip(0))
        longest_ms, median_ms = _first(slowest, "executorRunTime"), _first(median, "executorRunTime")
        if longest_ms is None or median_ms is None:
            return {}, []
        attributes = {
            names.STAGE_TASK_MEDIAN_MS: median_ms,
            names.STAGE_TASK_MAX_MS: longest_ms,
            names.STAGE_SKEW_MS: longest_ms - median_ms,
            "spark.stage.task.peak_memory_bytes": _first(largest, _MEMORY),
        }
        return attributes, slowest[:MOST]

    def _read(self, view: Any) -> list[Task]:
        return [Task(record) for record in self._store.read_tasks(view)]

    def _evicted(self, stage: Stage) -> int:
        """Count the attempts of tasks that Spark has forgotten; it is asked only where it may have."""
        ran = _attempts(stage)
        if ran <= self._store.retained_tasks:
            return 0
        return max(0, ran - self._store.task_count(stage_id=stage.id, attempt=stage.attempt))


def _attempts(stage: Stage) -> int:
    """Count the attempts of tasks that have ended."""
    data = stage.data
    return int(data["numCompleteTasks"] + data["numFailedTasks"] + data["numKilledTasks"])


def _first(tasks: list[Task], name: str) -> int | None:
    return tasks[0].metric(name) if tasks and tasks[0].has_succeeded else None


def cores_used(stage: Stage) -> float | None:
    """Average the cores that ran tasks while the stage lasted: run time of its tasks over its duration."""
    run_time: int = stage.data["executorRunTime"]
    return round(run_time / stage.duration_ms, 2) if stage.duration_ms > 0 else None


def cores_available(stage: Stage, executors: list[Record]) -> float | None:
    """Average the cores of the executors that were alive while the stage lasted."""
    if stage.duration_ms <= 0:
        return None
    start, end = stage.times_ms
    core_ms = 0
    for executor in executors:
        gone = executor["removeTime"] or end
        core_ms += executor["totalCores"] * max(0, min(end, gone) - max(start, executor["addTime"]))
    return round(core_ms / (end - start), 2)
