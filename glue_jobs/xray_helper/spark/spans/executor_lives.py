# SPDX-License-Identifier: Apache-2.0
"""The executors that a job had: when they came, how busy they were, and why they went."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Final

from xray_common import conventions as names
from xray_helper.observers import Priority, SpanSink
from xray_helper.spark.status_store.records import Record, executor_host
from xray_helper.spark.status_store.store import StatusStore
from xray_helper.spark.units import MS_PER_S, NS_PER_MS

MOST: Final = 20  # spans, those of lost executors first
# The driver's record has no tasks of its own on a cluster; in local mode it is all there is, as long as the
# job, and its busy time is its age (AppStatusListener): no life to tell.
_DRIVER: Final = "driver"
# What Spark says of an executor that it was told to do without: the texts of ``ExecutorKilled`` and
# ``ExecutorDecommission`` (ExecutorLossReason.scala).
_UNNEEDED: Final = re.compile(r"Executor killed by driver\.|Executor decommission: ")


@dataclass(frozen=True)
class Life:
    """An executor within a job.

    Attributes
    ----------
    before
        Its record of when the job began, if it was there.
    busy_ms
        Time of its tasks within the job, added up.
    """

    data: Record
    before: Record | None
    times_ms: tuple[int, int]
    busy_ms: int

    @property
    def is_lost(self) -> bool:
        """Whether it went although nobody had let it go."""
        return not self.data["isActive"] and not _UNNEEDED.match(self.data["removeReason"] or "")

    @property
    def core_ms(self) -> int:
        """What it offered: cores times milliseconds."""
        start, end = self.times_ms
        return int(self.data["totalCores"]) * (end - start)

    def counted(self, name: str) -> int:
        """Return how much a count of its record has grown in the job."""
        return int(self.data[name]) - (int(self.before[name]) if self.before else 0)

    def attributes(self) -> dict[str, Any]:
        """Describe it."""
        start, end = self.times_ms
        data = self.data
        return {
            names.EXECUTOR_ID: data["id"],
            "spark.executor.host": executor_host(data),
            names.EXECUTOR_CORES: data["totalCores"],
            names.EXECUTOR_TASKS: self.counted("totalTasks"),
            "spark.executor.tasks.failed": self.counted("failedTasks"),
            names.EXECUTOR_BUSY_CORES: round(self.busy_ms / (end - start), 2),
            "spark.executor.gc_time_ms": self.counted("totalGCTime"),
            "spark.executor.added_at": _moment(data["addTime"]),
            "spark.executor.removed_at": _moment(data["removeTime"]) if data["removeTime"] else None,
            names.EXECUTOR_REMOVED_REASON: data["removeReason"],
            "spark.executor.excluded": data.get("isExcluded") or None,
            names.EXECUTOR_LOST: self.is_lost if not data["isActive"] else None,
        }


class ExecutorLives:
    """Writes them at the end of a job.

    Parameters
    ----------
    since_ms
        When the job began, milliseconds since the epoch: what was before is somebody else's.
    """

    def __init__(self, *, store: StatusStore, sink: SpanSink, since_ms: int) -> None:
        self._store, self._sink, self._since_ms = store, sink, since_ms
        ran_before = store.job_count() > 0  # else all that they did will be this job's
        self._before = {one["id"]: one for one in store.executors()} if ran_before else {}
        self._ran_ms = self._running_ms(list(self._before.values()), since_ms)

    def write(self, until_ms: int) -> None:
        """Add a span for each executor of a cluster, and the sums to the job; ``until_ms`` is now."""
        records = self._store.executors()
        running_ms = self._running_ms(records, until_ms)
        found = (self._life(record, until_ms, running_ms[record["id"]]) for record in records)
        lives = [life for life in found if life is not None]
        for name, value in self._sums(lives, records).items():
            self._sink.set_attribute(name, value)
        apart = [life for life in lives if life.data["id"] != _DRIVER]
        for life in sorted(apart, key=lambda life: (not life.is_lost, life.times_ms))[:MOST]:
            self._sink.add_span(
                f"Spark executor {life.data['id']}",
                start_time_ns=life.times_ms[0] * NS_PER_MS,
                end_time_ns=life.times_ms[1] * NS_PER_MS,
                attributes=life.attributes(),
                priority=Priority.SPARK_JOB,
            )

    def _life(self, record: Record, until_ms: int, running_ms: int) -> Life | None:
        """Return the part of an executor's life in the job; None of what had no part in it."""
        start, end = max(record["addTime"], self._since_ms), record["removeTime"] or until_ms
        if not record["totalCores"] or end <= start:
            return None
        before = self._before.get(record["id"])
        # Spark adds a task's time when the task ends, to a record that may be 100 ms old (liveUpdate.period).
        ended_ms = record["totalDuration"] - (before["totalDuration"] if before else 0)
        busy_ms = ended_ms + running_ms - self._ran_ms[record["id"]]
        most_ms = record["totalCores"] * (end - start)
        return Life(record, before, (start, end), busy_ms=min(max(busy_ms, 0), most_ms))

    def _running_ms(self, executors: list[Record], now_ms: int) -> Counter[str]:
        """Add up how long the tasks that run now have been running, by executor."""
        found: Counter[str] = Counter()
        if any(executor["activeTasks"] for executor in executors if executor["id"] != _DRIVER):
            for task in self._store.running_tasks():
                found[task["executorId"]] += max(now_ms - task["launchTime"], 0)
        return found

    def _sums(self, lives: list[Life], records: list[Record]) -> Mapping[str, object]:
        return {
            "spark.executors": len(lives),
            names.EXECUTORS_LOST: sum(life.is_lost for life in lives) or None,
            "spark.executors.evicted": self._evicted(records) or None,
            names.EXECUTOR_CORE_SECONDS: round(sum(life.core_ms for life in lives) / MS_PER_S, 1),
            names.DYNAMIC_ALLOCATION: self._store.scales() or None,
        }

    def _evicted(self, records: list[Record]) -> int:
        """Count the executors that Spark has forgotten: gaps in their numbers, once so many are dead.

        With fewer dead ones a gap is an executor that never came. Counted from 1: only some masters begin
        with 0, and its record may be gone.
        """
        dead = sum(not record["isActive"] for record in records)
        if dead < self._store.retained_dead_executors * 9 // 10:  # a tenth is forgotten at a time
            return 0
        numbers = {int(record["id"]) for record in records if record["id"].isdecimal()} - {0}
        return max(numbers, default=0) - len(numbers)


def _moment(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / MS_PER_S, timezone.utc).isoformat(timespec="milliseconds")
