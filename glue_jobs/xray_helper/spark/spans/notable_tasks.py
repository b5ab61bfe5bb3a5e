# SPDX-License-Identifier: Apache-2.0
"""The few tasks of a stage that say why it took long: slow, failed, run again, run twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from xray_common import conventions as names
from xray_helper.record.spark_errors import read_failure
from xray_helper.spark.spans.metrics import TASK_METRICS
from xray_helper.spark.status_store.records import Stage, Task
from xray_helper.spark.status_store.store import StatusStore

MOST: Final = 3  # tasks of each kind, per stage
# A task sticks out when it took so much longer than the median one. Half a second is less than a stage's
# start costs where executors are other machines; half as long again is Spark's own idea of a slow task
# (spark.speculation.multiplier, 1.5 until Spark 4).
SLOWER_BY_MS: Final = 500
SLOWER_TIMES: Final = 1.5
MAX_STAGES: Final = 30  # with failed tasks, per job: reading those of each takes some milliseconds
_STATUS: Final = "sta"  # TaskIndexNames.STATUS
_ATTEMPT: Final = "att"  # TaskIndexNames.ATTEMPT


@dataclass
class NotableTask:
    """A task, and why it is notable: ``slow``, ``failed``, ``retried``, ``speculative``."""

    task: Task
    why: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of its span."""
        again = f" (attempt {self.task.attempt})" if self.task.attempt else ""
        return f"Spark task {self.task.partition}{again}"

    def attributes(self) -> dict[str, Any]:
        """Describe it.

        Of a task without success Spark keeps the time that it ran (none where its executor was lost), and
        zeros for what it read before.
        """
        data, reason = self.task.data, self.task.data.get("errorMessage")
        return {
            "spark.task.id": self.task.id,
            names.TASK_PARTITION: self.task.partition,
            "spark.task.attempt": self.task.attempt,
            names.TASK_EXECUTOR: data["executorId"],
            "spark.task.host": data["host"],
            "spark.task.locality": data["taskLocality"],
            "spark.task.status": data["status"],
            "spark.task.speculative": self.task.is_speculative,
            names.TASK_WHY: self.why,
            names.TASK_REASON: read_failure(reason).text if reason else None,
            **(_measured(self.task) if data["hasMetrics"] else {}),
        }


class NotableTasks:
    """Finds them; asks nothing about a stage in which no task failed or was killed."""

    def __init__(self, *, store: StatusStore) -> None:
        self._store = store
        self._stages = 0

    def find(self, stage: Stage, slowest: list[Task], *, median_ms: int | None) -> list[NotableTask]:
        """Choose from the ``slowest`` tasks, slowest first, and read those that did not go well."""
        found: dict[int, NotableTask] = {}
        _note(found, _slow(slowest, median_ms), "slow")
        if _was_troubled(stage) and self._stages < MAX_STAGES:
            self._stages += 1
            _note(found, self._failed(stage), "failed")
            again = self._again(stage)
            _note(found, (task for task in again if task.is_speculative), "speculative")
            _note(found, (task for task in again if not task.is_speculative), "retried")
        return [one for one in found.values() if one.task.is_over]

    def _failed(self, stage: Stage) -> list[Task]:
        """Read the failures that came first: later ones tend to repeat them."""
        if not stage.data["numFailedTasks"]:
            return []
        view = self._store.tasks_by(_STATUS, stage_id=stage.id, attempt=stage.attempt)
        records = self._store.read_tasks(view.first("FAILED").last("FAILED").max(MOST))
        return [Task(record) for record in records]

    def _again(self, stage: Stage) -> list[Task]:
        view = self._store.tasks_by(_ATTEMPT, stage_id=stage.id, attempt=stage.attempt).reverse()
        records = self._store.read_tasks(view.max(MOST))
        return [task for task in map(Task, records) if task.attempt > 0]


def _was_troubled(stage: Stage) -> bool:
    """Return whether a task failed, or had a second copy: of two the slower is killed, a little later."""
    data = stage.data
    lost_a_race = data["numKilledTasks"] or data["numActiveTasks"]
    return bool(data["numFailedTasks"] or (lost_a_race and not stage.has_failed))


def _measured(task: Task) -> dict[str, int]:
    run_time_ms = task.metric("executorRunTime")
    if not task.has_succeeded:
        return {names.TASK_RUN_MS: run_time_ms}
    read = task.metric("shuffleRemoteBytesRead") + task.metric("shuffleLocalBytesRead")
    return {
        names.TASK_RUN_MS: run_time_ms,
        **{name: task.metric(key) // unit for name, key, unit in TASK_METRICS},
        "spark.task.shuffle.read_bytes": read,
        "spark.task.scheduler_delay_ms": task.scheduler_delay_ms,
    }


def _slow(slowest: list[Task], median_ms: int | None) -> list[Task]:
    if median_ms is None:
        return []
    least = max(median_ms + SLOWER_BY_MS, median_ms * SLOWER_TIMES)
    return [task for task in slowest if task.has_succeeded and task.metric("executorRunTime") >= least]


def _note(found: dict[int, NotableTask], tasks: Iterable[Task], why: str) -> None:
    """Add tasks and the reason; one that failed says so, whatever it was found for."""
    for task in tasks:
        known = found.setdefault(task.id, NotableTask(task, ["failed"] if task.has_failed else []))
        if why not in known.why:
            known.why.append(why)
