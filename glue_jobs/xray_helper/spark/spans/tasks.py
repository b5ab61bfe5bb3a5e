# SPDX-License-Identifier: Apache-2.0
"""How evenly the tasks of a stage ran, and how many cores they used."""

from __future__ import annotations

from typing import Any, Final

from xray_helper.spark.status_store.records import Record, Stage
from xray_helper.spark.status_store.store import StatusStore

# Reading the tasks sorts them (20,000 tasks: tens of milliseconds): only where skew can matter.
MIN_STAGE_MS: Final = 100
_RUN_TIME: Final = "ert"  # TaskIndexNames.EXEC_RUN_TIME
_PEAK_MEMORY: Final = "pem"  # TaskIndexNames.PEAK_MEM
# spark.ui.retainedTasks: beyond it Spark forgets tasks, and a median would be one of the rest.
_RETAINED_TASKS: Final = 100_000


class TaskStatistics:
    """Reads what only single tasks record.

    ``AppStatusStore.taskSummary`` would sort the tasks by each of its 25 metrics; this reads the two that
    are shown.
    """

    def __init__(self, *, store: StatusStore) -> None:
        self._store = store

    def attributes(self, stage: Stage) -> dict[str, Any]:
        """Measure run time (median and longest, milliseconds) and peak memory (bytes) of successful tasks."""
        count = stage.data["numCompleteTasks"]
        if count == 0 or stage.data["numTasks"] > _RETAINED_TASKS:
            return {}
        if count == stage.data["numTasks"] == 1 and stage.data["numFailedTasks"] == 0:
            return {"spark.stage.task.peak_memory_bytes": stage.data["peakExecutionMemory"]}
        if stage.duration_ms < MIN_STAGE_MS:
            return {}
        return self._of_many(stage, count)

    def _of_many(self, stage: Stage, count: int) -> dict[str, Any]:
        # The lower median: of two tasks the shorter one, so that a difference is seen. Highest first here.
        view = self._store.tasks_by(_RUN_TIME, stage_id=stage.id, attempt=stage.attempt).max(1)
        longest = self._read(view, "executorRunTime")
        median = self._read(view.skip(count // 2), "executorRunTime")
        largest = self._read(view.index(_PEAK_MEMORY).skip(0), "peakExecutionMemory")
        if longest is None or median is None:
            return {}
        return {
            "spark.stage.task.p50_ms": median,
            "spark.stage.task.max_ms": longest,
            "spark.stage.skew_time_ms": longest - median,
            "spark.stage.task.peak_memory_bytes": largest,
        }

    def _read(self, view: Any, key: str) -> int | None:
        tasks = self._store.read_tasks(view)
        return int(tasks[0][key]) if tasks and tasks[0]["status"] == "SUCCESS" else None


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
