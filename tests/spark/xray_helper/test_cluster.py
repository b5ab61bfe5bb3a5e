# SPDX-License-Identifier: Apache-2.0
"""Tasks and executors of a cluster of two workers, against Spark's event log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.finding_table import check_said
from tests.spark.xray_helper.cluster_pipelines import LOST
from tests.spark.xray_helper.conftest import CLUSTER, run_here, without_python_functions
from tests.spark.xray_helper.event_log import Event, EventLog, mean_ms
from tests.spark.xray_helper.scenery import PARTITIONS
from tests.spark.xray_helper.standalone import HOSTS, cluster
from tests.spark.xray_helper.task_truth import NS_PER_MS, check_tasks
from tests.spark.xray_helper.test_findings import found_in
from tests.spark.xray_helper.traces import Span, Trace

pytestmark = without_python_functions
VERY_LONG_MS = 1_000
KINDS = {"lost_executors": ("lost_executor", "run_twice")}  # of findings: program and twin
SETTINGS = (
    "spark.speculation=true",
    "spark.speculation.interval=100ms",
    "spark.speculation.quantile=0.5",
    "spark.speculation.minTaskRuntime=3s",  # a loss is known sooner: that task is tried again, not copied
    "spark.executor.heartbeatInterval=1s",  # lets Spark write the records that it holds back
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cluster") / "run"


@pytest.fixture(scope="module")
def traces(folder: Path) -> Iterator[dict[str, Trace]]:
    with cluster(folder.parent / "processes") as master:
        module = "tests.spark.xray_helper.cluster_pipelines"
        yield run_here(folder, module, f"spark.master={master}", *CLUSTER, *SETTINGS)


@pytest.fixture(scope="module")
def log(folder: Path, traces: dict[str, Trace]) -> EventLog:
    return EventLog.read(folder / "events")


@pytest.fixture(params=["run_twice", "lost_executor"])
def trace(request: pytest.FixtureRequest, traces: dict[str, Trace]) -> Trace:
    return traces[request.param]


def test_every_task_is_that_of_the_log(trace: Trace, log: EventLog) -> None:
    check_tasks(trace, log)


def test_a_copy_of_a_slow_task_says_so(traces: dict[str, Trace]) -> None:
    copies = [span["attributes"] for span in _tasks_that_are(traces["run_twice"], "speculative")]

    (told,) = (copy for copy in copies if copy["spark.task.partition"] == PARTITIONS - 1)
    assert told["spark.task.attempt"] == 1
    assert told["spark.task.speculative"] is True
    assert told["spark.task.status"] == "SUCCESS"


def test_a_task_lost_with_its_executor_has_a_reason_and_no_measurements(traces: dict[str, Trace]) -> None:
    trace = traces["lost_executor"]
    (lost,) = _tasks_that_are(trace, "failed")
    (again,) = _tasks_that_are(trace, "retried")

    assert lost["attributes"]["spark.task.partition"] == again["attributes"]["spark.task.partition"] == LOST
    assert "ExecutorLostFailure" in lost["attributes"]["spark.task.reason"]
    assert "spark.task.gc_time_ms" not in lost["attributes"]


def test_a_lost_executor_is_what_the_job_says_of_itself(traces: dict[str, Trace], log: EventLog) -> None:
    attributes = traces["lost_executor"].job["attributes"]
    reasons = {event["Removed Reason"] for event in log.executors_removed.values()}

    assert attributes["finding"] == "lost_executors"
    assert attributes["finding.title"] in {f"1 executor lost: {reason[:160]}" for reason in reasons}
    assert attributes["findings"] == 2  # and the task that was run again
    for kind, (program, twin) in KINDS.items():
        (found,) = found_in(traces[program], kind)
        assert found.evidence == {"executors_lost": _count_lost(traces[program], log)}
        check_said(kind, found.title)
        assert found_in(traces[twin], kind) == []


def test_every_executor_of_a_job_has_its_row(trace: Trace, log: EventLog) -> None:
    start, end = trace.job["start_ns"], trace.job["end_ns"]
    lived = log.executors_between(start, end)

    assert trace.executors.keys() == lived
    assert trace.job["attributes"]["spark.executors"] == len(lived)
    for number, span in trace.executors.items():
        assert span["start_ns"] == max(
            log.executors_added[number]["Timestamp"] * NS_PER_MS, start // NS_PER_MS * NS_PER_MS
        )
        assert span["attributes"]["spark.executor.host"] in HOSTS
        assert trace.parent(span) is trace.job


def test_a_lost_executor_says_when_and_why(traces: dict[str, Trace], log: EventLog) -> None:
    trace = traces["lost_executor"]
    (lost,) = (span for span in trace.executors.values() if span["attributes"].get("spark.executor.lost"))

    event = log.executors_removed[lost["attributes"]["spark.executor.id"]]
    assert lost["end_ns"] == event["Timestamp"] * NS_PER_MS
    assert lost["attributes"]["spark.executor.removed_reason"] == event["Removed Reason"]
    assert trace.job["attributes"]["spark.executors.lost"] == 1
    assert "spark.executors.lost" not in traces["run_twice"].job["attributes"]


def test_an_executor_is_as_busy_as_its_tasks(trace: Trace, log: EventLog) -> None:
    for number, span in trace.executors.items():
        attributes = span["attributes"]
        if attributes.get("spark.executor.lost"):
            continue
        settled = _tasks_within(trace, log, number, "Finish Time")
        # The slower of two copies is killed when the stage is over: its end may come too late to count.
        settled = [task for task in settled if task["Task End Reason"]["Reason"] != "TaskKilled"]
        least = sum(_ms_within(trace, task) for task in settled)
        most = sum(_ms_within(trace, task) for task in _tasks_of(log, number))
        # Spark writes an executor's record at most every 100 ms (spark.ui.liveUpdate.period): the task before
        # a pause comes late into it.
        least -= mean_ms(settled[-1:]) if settled else 0
        most += _task_before_ms(trace, log, number)
        lasted_ms = (span["end_ns"] - span["start_ns"]) / NS_PER_MS
        launched = len(_tasks_within(trace, log, number, "Launch Time"))
        assert abs(attributes["spark.executor.tasks"] - launched) <= 1  # the late record again
        busy_cores = attributes["spark.executor.busy_cores"]
        assert least / lasted_ms - 0.02 <= busy_cores <= most / lasted_ms + 0.02
        assert busy_cores <= attributes["spark.executor.cores"]


@pytest.mark.parametrize("pipeline", ["left_running", "found_running"])
def test_of_a_task_that_two_jobs_share_each_counts_its_part(
    pipeline: str, traces: dict[str, Trace], log: EventLog
) -> None:
    trace, between_ms = traces[pipeline], traces["left_running"].job["end_ns"] / NS_PER_MS
    (shared,) = (
        task
        for tasks in log.tasks.values()
        for task in tasks
        if task["Task Info"]["Launch Time"] < between_ms < task["Task Info"]["Finish Time"]
    )
    span = trace.executors[shared["Task Info"]["Executor ID"]]

    part = _ms_within(trace, shared) * NS_PER_MS / (span["end_ns"] - span["start_ns"])
    assert span["attributes"]["spark.executor.busy_cores"] == pytest.approx(part, abs=0.1)
    assert 0.12 < part < 0.88  # so that neither none nor all is right


def test_a_long_stage_compares_its_executors(trace: Trace, log: EventLog) -> None:
    for attempt, span in trace.stages.items():
        if span["end_ns"] - span["start_ns"] < VERY_LONG_MS * NS_PER_MS:
            continue
        by_executor: dict[str, list[Event]] = {}
        for task in log.tasks[attempt]:
            if task["Task Info"]["Finish Time"] > log.stages[attempt]["Completion Time"]:
                continue  # the slower of two copies is killed when all is done
            by_executor.setdefault(task["Task Info"]["Executor ID"], []).append(task)
        slowest = max(by_executor, key=lambda number: mean_ms(by_executor[number]))
        others = [task for number, tasks in by_executor.items() if number != slowest for task in tasks]
        attributes = span["attributes"]
        assert attributes["spark.stage.executors"] == len(by_executor)
        assert attributes["spark.stage.executor.slowest.id"] == slowest
        assert attributes["spark.stage.executor.slowest.host"] in HOSTS
        assert attributes["spark.stage.executor.slowest.task_ms"] == round(mean_ms(by_executor[slowest]))
        assert attributes["spark.stage.executor.others.task_ms"] == round(mean_ms(others))


def _count_lost(trace: Trace, log: EventLog) -> int:
    start, end = trace.job["start_ns"], trace.job["end_ns"]
    removed = [event["Timestamp"] * NS_PER_MS for event in log.executors_removed.values()]
    return sum(start <= moment <= end for moment in removed)


def _tasks_that_are(trace: Trace, why: str) -> list[Span]:
    return [span for span in trace.tasks.values() if why in span["attributes"]["spark.task.why"]]


def _ms_within(trace: Trace, task: Event) -> float:
    """Return how long a task ran within the job."""
    start_ns, end_ns = int(trace.job["start_ns"]), int(trace.job["end_ns"])
    launched_ms, finished_ms = int(task["Task Info"]["Launch Time"]), int(task["Task Info"]["Finish Time"])
    return max(0, min(finished_ms, end_ns / NS_PER_MS) - max(launched_ms, start_ns / NS_PER_MS))


def _task_before_ms(trace: Trace, log: EventLog, executor: str) -> float:
    """Return the time of an executor's last task before the job; 0 where there is none."""
    before = [
        event
        for event in _tasks_of(log, executor)
        if event["Task Info"]["Finish Time"] * NS_PER_MS < trace.job["start_ns"]
    ]
    return mean_ms(sorted(before, key=lambda event: event["Task Info"]["Finish Time"])[-1:]) if before else 0


def _tasks_within(trace: Trace, log: EventLog, executor: str, time: str) -> list[Event]:
    """The tasks of an executor that began or ended in the job: the next job counts on from there."""
    return [
        event
        for event in _tasks_of(log, executor)
        if trace.job["start_ns"] <= event["Task Info"][time] * NS_PER_MS <= trace.job["end_ns"]
    ]


def _tasks_of(log: EventLog, executor: str) -> list[Event]:
    return [
        event
        for tasks in log.tasks.values()
        for event in tasks
        if event["Task Info"]["Executor ID"] == executor
    ]
