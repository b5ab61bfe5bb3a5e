# SPDX-License-Identifier: Apache-2.0
"""Executors that a cluster of a test cannot have: many, let go, forgotten, there before the job."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import pytest

from xray_helper.observers import SpanSink
from xray_helper.spark.spans.executor_lives import MOST, ExecutorLives
from xray_helper.spark.status_store.store import StatusStore

SINCE_MS, UNTIL_MS = 10_000, 20_000


def record(number: str, *, cores: int = 4, added: int = 0, removed: int | None = None, **more: Any) -> Any:
    """One ``ExecutorSummary`` of Spark's."""
    return {
        "id": number,
        "hostPort": "[::1]:4040",
        "totalCores": cores,
        "addTime": added,
        "removeTime": removed,
        "removeReason": more.pop("reason", None),
        "isActive": removed is None,
        "activeTasks": 0,
        "totalTasks": 0,
        "failedTasks": 0,
        "totalDuration": 0,
        "totalGCTime": 0,
        **more,
    }


def task(launched_ms: int, *, executor: str = "1") -> Any:
    """As much of one ``TaskDataWrapper`` as is read."""
    return {"executorId": executor, "launchTime": launched_ms}


class Store:
    """A status store of executors; the first answer is that of the job's beginning."""

    retained_dead_executors = 100

    def __init__(
        self, *answers: list[Any], ran_before: bool = False, running: Iterable[list[Any]] = ()
    ) -> None:
        self._answers, self._running = list(answers), list(running)
        self._ran_before = ran_before

    def executors(self) -> list[Any]:
        return self._answers.pop(0)

    def job_count(self) -> int:
        return int(self._ran_before)

    def running_tasks(self) -> list[Any]:
        return self._running.pop(0)

    def scales(self) -> bool:
        return True


class Sink:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.job: dict[str, Any] = {}
        self.spans: dict[str, dict[str, Any]] = {}

    def set_attribute(self, key: str, value: object) -> None:
        if value is not None:
            self.job[key] = value

    def add_span(self, name: str, **span: Any) -> None:
        self.spans[name] = span


def write(*answers: list[Any], **more: Any) -> Sink:
    sink = Sink()
    store = cast(StatusStore, Store(*answers, **more))
    ExecutorLives(store=store, sink=cast(SpanSink, sink), since_ms=SINCE_MS).write(UNTIL_MS)
    return sink


@pytest.mark.parametrize(
    ("reason", "is_lost"),
    [
        ("Executor killed by driver.", False),
        ("Executor decommission: spot instance", False),
        ("Command exited with code 137", True),
        ("Executor heartbeat timed out after 120000 ms", True),
        (None, True),
    ],
)
def test_lost_is_what_nobody_let_go(reason: str | None, is_lost: bool) -> None:
    sink = write([record("1", removed=15_000, reason=reason)])

    assert sink.spans["Spark executor 1"]["attributes"]["spark.executor.lost"] is is_lost
    assert sink.job.get("spark.executors.lost", 0) == is_lost


def test_only_the_part_within_the_job_counts() -> None:
    gone = record("1", removed=9_999)
    late = record("2", added=15_000)
    sink = write([gone, record("driver", cores=0), late, record("3")])

    assert sink.job["spark.executors"] == 2
    assert sink.job["spark.executors.core_seconds"] == 4 * 5 + 4 * 10
    assert sink.job["spark.executors.dynamic_allocation"] is True
    assert sink.spans["Spark executor 3"]["start_time_ns"] == SINCE_MS * 10**6


def test_what_an_earlier_job_used_is_not_this_ones() -> None:
    before = [record("1", totalTasks=7, totalDuration=60_000)]
    after = [record("1", totalTasks=9, totalDuration=65_000)]
    told = write(before, after, ran_before=True).spans["Spark executor 1"]["attributes"]

    assert (told["spark.executor.tasks"], told["spark.executor.busy_cores"]) == (2, 0.5)
    assert told["spark.executor.host"] == "[::1]"


@pytest.mark.parametrize(
    ("place", "host"),
    [
        ("10.0.0.7:4040", "10.0.0.7"),
        ("10.0.0.7", "10.0.0.7"),  # its block manager is not registered yet: no port
        ("[::1]", "[::1]"),
        (None, None),
    ],
)
def test_an_executor_says_its_host_before_it_has_a_port(place: str | None, host: str | None) -> None:
    told = write([record("1", hostPort=place)]).spans["Spark executor 1"]["attributes"]
    assert told["spark.executor.host"] == host


def busy(store: list[list[Any]], running: list[list[Any]]) -> float:
    found = write(*store, ran_before=True, running=running).spans["Spark executor 1"]["attributes"]
    return cast(float, found["spark.executor.busy_cores"])


def test_only_the_part_of_a_task_within_the_job_counts() -> None:
    idle, working = record("1", totalDuration=60_000), record("1", totalDuration=60_000, activeTasks=1)
    began_before, began_within = [task(SINCE_MS - 50_000)], [task(SINCE_MS + 4_000)]

    ended_within = record("1", totalDuration=60_000 + 50_000 + 2_000)
    assert busy([[working], [ended_within]], [began_before]) == 0.2
    assert busy([[idle], [working]], [began_within]) == 0.6
    assert busy([[working], [working]], [began_before, began_before]) == 1.0
    both = record("1", totalDuration=60_000 + 50_000 + 2_000, activeTasks=1)
    assert busy([[working], [both]], [began_before, began_within]) == 0.2 + 0.6


def test_a_task_of_another_executor_is_not_this_ones() -> None:
    before, after = record("1", activeTasks=1), record("1", totalDuration=1_000)

    assert busy([[before], [after]], [[task(SINCE_MS - 500, executor="2")]]) == 0.1


@pytest.mark.parametrize(("late_ms", "said"), [(50_000, 4.0), (-5_000, 0.0)])
def test_a_late_record_claims_no_more_than_the_cores(late_ms: int, said: float) -> None:
    """A task that ended before the job, in the record of which it is missing; and Spark's clock put back."""
    before, after = record("1", totalDuration=10_000), record("1", totalDuration=10_000 + late_ms)

    assert busy([[before], [after]], []) == said


def test_the_lost_go_first_when_there_are_many() -> None:
    many = [record(str(number)) for number in range(1, 2 * MOST)]
    sink = write([*many, record("99", removed=15_000, reason="gone")])

    assert len(sink.spans) == MOST
    assert "Spark executor 99" in sink.spans
    assert sink.job["spark.executors"] == 2 * MOST


@pytest.mark.parametrize(("dead", "evicted"), [(range(31, 121), 30), (range(31, 80), None)])
def test_gaps_are_executors_that_spark_has_forgotten_once_it_forgets(
    dead: range, evicted: int | None
) -> None:
    records = [record(str(number), removed=15_000, reason="gone") for number in dead]

    assert write(records).job.get("spark.executors.evicted") == evicted
