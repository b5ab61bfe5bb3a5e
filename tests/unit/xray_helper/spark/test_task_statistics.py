# SPDX-License-Identifier: Apache-2.0
"""A stage's tasks, read all at once or those that matter alone: the same is known of them."""

from __future__ import annotations

import random
import statistics
from collections.abc import Sequence
from typing import Any

import pytest

from xray_helper.spark.spans.notable_tasks import MOST
from xray_helper.spark.spans.tasks import FEW, TaskStatistics
from xray_helper.spark.status_store.records import Stage

_INDEXES = {"ert": "executorRunTime", "pem": "peakExecutionMemory"}
RUNNING = 3


class View:
    """As much of Spark's ``KVStoreView`` as is used, highest first; each call changes it."""

    def __init__(self, records: Sequence[dict[str, Any]]) -> None:
        self._records, self._index, self._start, self._most = records, "ert", 0, len(records)

    def index(self, name: str) -> View:
        self._index = name
        return self

    def reverse(self) -> View:
        return self

    def skip(self, count: int) -> View:
        self._start = count
        return self

    def max(self, count: int) -> View:
        self._most = count
        return self

    def read(self) -> list[dict[str, Any]]:
        ordered = sorted(self._records, key=lambda record: -record[_INDEXES[self._index]])
        return ordered[self._start : self._start + self._most]


class Store:
    """Has one stage's tasks; counts how often it is read."""

    retained_tasks = 100_000

    def __init__(self, records: Sequence[dict[str, Any]]) -> None:
        self._records, self.reads, self.longest = records, 0, 0

    def tasks_by(self, index: str, *, stage_id: int, attempt: int) -> View:
        return View(self._records).index(index)

    def read_tasks(self, view: View) -> list[dict[str, Any]]:
        found = view.read()
        self.reads, self.longest = self.reads + 1, max(self.longest, len(found))
        return found


def _record(number: int, status: str, run_ms: int, memory: int) -> dict[str, Any]:
    """Make a task; Spark keeps -(value + 1) of one without success."""
    is_good = status == "SUCCESS"
    numbers = {"executorRunTime": run_ms, "peakExecutionMemory": memory}
    kept = {name: value if is_good else -(value + 1) for name, value in numbers.items()}
    return {
        "taskId": number,
        "status": status,
        "attempt": 0,
        "speculative": False,
        "duration": run_ms,
        **kept,
    }


@pytest.mark.parametrize(
    ("good", "killed", "reads"),
    [(2, 0, 1), (FEW, 0, 1), (FEW - 1, 1, 1), (FEW, 1, 3), (FEW + 1, 0, 3), (50, 5, 3)],
)
def test_what_is_known_of_tasks_does_not_depend_on_how_many_are_read(
    good: int, killed: int, reads: int
) -> None:
    numbers = random.Random(good)  # noqa: S311 - no secret
    runs = [(numbers.randrange(1, 900), numbers.randrange(1, 9_000)) for _ in range(good)]
    records = [_record(number, "SUCCESS", *run) for number, run in enumerate(runs)]
    records += [_record(100 + number, "KILLED", 5_000, 50_000) for number in range(killed)]
    records += [_record(200 + number, "RUNNING", 0, 0) for number in range(RUNNING)]
    store = Store(records)
    stage = Stage(
        data={
            "stageId": 3, "attemptId": 0, "status": "COMPLETE", "submissionTime": 0, "completionTime": 1_000,
            "numTasks": good, "numCompleteTasks": good, "numFailedTasks": 0, "numKilledTasks": 0,
            "numActiveTasks": 0, "peakExecutionMemory": 0,
        }
        | {"numKilledTasks": killed},
        job_ids=(1,),
    )  # fmt: skip
    attributes, slowest = TaskStatistics(store=store)._measure(stage)  # type: ignore[arg-type]
    times = [run_ms for run_ms, _ in runs]
    assert attributes == {
        "spark.stage.task.p50_ms": statistics.median_low(times),
        "spark.stage.task.max_ms": max(times),
        "spark.stage.skew_time_ms": max(times) - statistics.median_low(times),
        "spark.stage.task.peak_memory_bytes": max(memory for _, memory in runs),
    }
    assert [task.metric("executorRunTime") for task in slowest[:good]] == sorted(times, reverse=True)[:MOST]
    assert (store.reads, store.longest <= FEW) == (reads, True)
