# SPDX-License-Identifier: Apache-2.0
"""Which tasks are worth a span: the slow, the failed and those that were run again, and no other."""

from __future__ import annotations

from tests.spark.xray_helper.conftest import without_python_functions
from tests.spark.xray_helper.event_log import EventLog, task_metrics
from tests.spark.xray_helper.task_pipelines import FAILING, LONG_S, MESSAGE, SLOW
from tests.spark.xray_helper.traces import Trace


def why(trace: Trace) -> set[tuple[int, int, str]]:
    """Each task that is shown: its partition, its attempt, and why."""
    found = [span["attributes"] for span in trace.tasks.values()]
    return {
        (one["spark.task.partition"], one["spark.task.attempt"], reason)
        for one in found
        for reason in one["spark.task.why"]
    }


@without_python_functions
def test_a_slow_task_is_shown_and_no_other(traces: dict[str, Trace]) -> None:
    trace = traces["slow_partition"]

    in_step = {
        (
            task["attributes"]["spark.task.partition"],
            task["attributes"]["spark.task.run_time_ms"] >= LONG_S * 1e3,
        )
        for task in trace.tasks.values()
        if trace.step_of(task) == "Skewed"
    }
    assert (SLOW, True) in in_step


@without_python_functions
def test_even_tasks_are_not_shown(traces: dict[str, Trace], log: EventLog) -> None:
    """A busy machine may hold one up; then it was slow by Spark's own log, too."""
    trace = traces["even_partitions"]

    for number, task in trace.tasks.items():
        if trace.step_of(task) == "Even":
            stage = trace.parent(task)["attributes"]
            tasks = log.tasks[stage["spark.stage.id"], stage["spark.stage.attempt"]]
            usual_ms = task_metrics(tasks)["spark.stage.task.p50_ms"]
            run_ms = log.task(number)["Task Metrics"]["Executor Run Time"]
            assert run_ms >= max(usual_ms + 500, usual_ms * 1.5)


@without_python_functions
def test_a_failed_task_and_its_second_attempt_are_shown_without_an_error(traces: dict[str, Trace]) -> None:
    trace = traces["failing_once"]

    assert {(FAILING, 0, "failed"), (FAILING, 1, "retried")} <= why(trace)
    failed = next(task for task in trace.tasks.values() if "failed" in task["attributes"]["spark.task.why"])
    assert MESSAGE in failed["attributes"]["spark.task.reason"]
    assert {task["status"] for task in trace.tasks.values()} == {"UNSET"}


def test_a_task_that_succeeded_at_once_is_neither_failed_nor_retried(traces: dict[str, Trace]) -> None:
    for trace in traces.values():
        for partition, attempt, reason in why(trace):
            assert reason in ("slow", "failed") or attempt > 0, (partition, attempt, reason)
