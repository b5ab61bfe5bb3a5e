# SPDX-License-Identifier: Apache-2.0
"""Every span against Spark's event log: no difference, nothing without an event, no event without a span."""

from __future__ import annotations

from typing import Any

import pytest

from tests.spark.xray_helper.all_pipelines import NAMES
from tests.spark.xray_helper.event_log import EventLog, delay_ms, stage_metrics, task_metrics
from tests.spark.xray_helper.task_truth import check_tasks
from tests.spark.xray_helper.traces import Trace

NS_PER_MS = 10**6
TINY_MS = 10
LONG_MS = 100
VERY_LONG_MS = 1_000
_GC = "spark.stage.jvm.gc_time_ms"


@pytest.fixture(params=NAMES)
def trace(request: pytest.FixtureRequest, traces: dict[str, Trace]) -> Trace:
    return traces[request.param]


def test_every_execution_has_its_span_and_times(trace: Trace, log: EventLog) -> None:
    expected = log.executions_between(trace.job["start_ns"], trace.job["end_ns"])

    assert trace.executions.keys() == expected
    for number, span in trace.executions.items():
        assert span["start_ns"] == log.sql_starts[number]["time"] * NS_PER_MS
        assert span["end_ns"] == log.sql_ends[number]["time"] * NS_PER_MS
        assert (span["status"] == "ERROR") == bool(log.sql_ends[number].get("errorMessage"))


def test_every_job_has_its_span_times_and_parent(trace: Trace, log: EventLog) -> None:
    expected = log.jobs_between(trace.job["start_ns"], trace.job["end_ns"])

    assert trace.spark_jobs.keys() == expected
    for number, span in trace.spark_jobs.items():
        assert span["start_ns"] == log.job_starts[number]["Submission Time"] * NS_PER_MS
        assert span["end_ns"] == log.job_ends[number]["Completion Time"] * NS_PER_MS
        assert (span["status"] == "ERROR") == (log.job_ends[number]["Job Result"]["Result"] != "JobSucceeded")
        execution = log.execution_of(number)
        if execution is None:
            assert trace.parent(span)["name"] in {*trace.steps, trace.job["name"]}
        else:
            assert trace.parent(span) is trace.executions[execution]


def test_every_job_hangs_below_the_step_that_it_was_run_for(trace: Trace, log: EventLog) -> None:
    for number, span in trace.spark_jobs.items():
        step = log.step_of(number)
        assert step is None or trace.step_of(span) == step


def test_every_stage_has_its_span_and_times_or_is_counted(trace: Trace, log: EventLog) -> None:
    for number, span in trace.spark_jobs.items():
        shown = {
            (child["attributes"]["spark.stage.id"], child["attributes"]["spark.stage.attempt"])
            for child in trace.children(span)
        }
        ran = {
            attempt for attempt in log.stages_of(number) if attempt in shown or not _is_shown(trace, attempt)
        }
        merged = [_duration_ms(log, attempt) for attempt in ran - shown]
        assert shown <= ran
        assert (span["attributes"].get("spark.job.stages.merged") or 0) == len(merged)
        assert (span["attributes"].get("spark.job.stages.merged.duration_ms") or 0) == sum(merged)
        assert all(duration < TINY_MS for duration in merged)
    for attempt, span in trace.stages.items():
        event = log.stages[attempt]
        assert span["start_ns"] == event["Submission Time"] * NS_PER_MS
        assert span["end_ns"] == event["Completion Time"] * NS_PER_MS
        assert (span["status"] == "ERROR") == bool(event.get("Failure Reason"))


def test_every_metric_is_that_of_the_tasks(trace: Trace, log: EventLog) -> None:
    for attempt, span in trace.stages.items():
        attributes = span["attributes"]
        tasks = log.tasks[attempt]
        expected: dict[str, Any] = {"spark.stage.tasks": log.stages[attempt]["Number of Tasks"]}
        expected |= stage_metrics(tasks)
        found = {name: attributes.get(name) for name in expected}
        if attributes.get("spark.stage.tasks.unfinished"):  # of a failed stage, killed after it was read
            assert span["status"] == "ERROR"
            assert all(found[name] <= value for name, value in expected.items())
            continue
        if expected["spark.stage.tasks.killed"]:  # their heartbeats told of it, their ends may not
            assert found[_GC] >= expected.pop(_GC)
            del found[_GC]
        assert found == expected
        if "spark.stage.task.max_ms" in attributes:
            single = task_metrics(tasks)
            assert {name: attributes.get(name) for name in single} == single
        elif "spark.stage.task.peak_memory_bytes" in attributes:
            peak = task_metrics(tasks)["spark.stage.task.peak_memory_bytes"]
            assert attributes["spark.stage.task.peak_memory_bytes"] == peak


def test_long_stages_tell_tasks_and_cores(trace: Trace, log: EventLog) -> None:
    for attempt, span in trace.stages.items():
        attributes, duration_ms = span["attributes"], _duration_ms(log, attempt)
        if duration_ms < LONG_MS or span["status"] == "ERROR":
            continue
        run_time = attributes["spark.stage.executor.run_time_ms"]
        assert attributes["spark.stage.cores.available"] == log.cores == 2
        assert attributes["spark.stage.cores.used"] == pytest.approx(run_time / duration_ms, abs=0.01)
        assert attributes["spark.stage.tasks"] == 1 or "spark.stage.skew_time_ms" in attributes


def test_every_task_is_that_of_the_log(trace: Trace, log: EventLog) -> None:
    check_tasks(trace, log)


def test_every_stage_tells_what_it_waited_for(trace: Trace, log: EventLog) -> None:
    for attempt, span in trace.stages.items():
        attributes, event, tasks = span["attributes"], log.stages[attempt], log.tasks[attempt]
        if attributes.get("spark.stage.tasks.unfinished"):
            continue
        launched = min(task["Task Info"]["Launch Time"] for task in tasks)
        assert attributes["spark.stage.wait_ms"] == launched - event["Submission Time"]
        if _duration_ms(log, attempt) >= VERY_LONG_MS:
            ran_on = {task["Task Info"]["Executor ID"] for task in tasks}
            assert attributes["spark.stage.executors"] == len(ran_on)
            assert attributes.get("spark.stage.scheduler.delay_ms") == delay_ms(tasks)


def test_skipped_stages_are_counted(trace: Trace, log: EventLog) -> None:
    for number, span in trace.spark_jobs.items():
        completed = {attempt[0] for attempt in log.stages_of(number)}
        skipped = set(log.job_starts[number]["Stage IDs"]) - completed
        attributes = span["attributes"]
        counted = attributes.get("spark.job.stages.skipped", attributes.get("spark.job.stages.not_run"))
        assert counted == len(skipped)


def test_the_sums_of_the_job_are_those_of_the_log(trace: Trace, log: EventLog) -> None:
    jobs = log.jobs_between(trace.job["start_ns"], trace.job["end_ns"])
    stages = {attempt for number in jobs for attempt in log.stages_of(number)}
    attributes = trace.job["attributes"]

    assert attributes["spark.tracing"] == "executions"
    assert attributes["spark.executions"] == len(trace.executions)
    silent = [number for number in trace.executions if "errorMessage" not in log.sql_ends[number]]
    assert attributes.get("spark.executions.result_unknown", 0) == len(silent)  # Spark 3.3 tells none
    assert attributes["spark.jobs"] == len(jobs)
    assert attributes["spark.stages"] == len(stages)
    assert attributes["spark.tasks"] == sum(log.stages[attempt]["Number of Tasks"] for attempt in stages)
    assert attributes.get("spark.stages.retried", 0) == sum(attempt > 0 for _, attempt in stages)
    lived = log.executors_between(trace.job["start_ns"], trace.job["end_ns"])
    assert attributes["spark.executors"] == len(lived)
    lasted_s = (trace.job["end_ns"] - trace.job["start_ns"]) / 1e9
    assert attributes["spark.executors.core_seconds"] == pytest.approx(log.cores * lasted_s, abs=1)
    assert trace.executors.keys() == lived - {"driver"}  # whose cores have no span of their own
    assert attributes["spark.events.dropped"] == 0
    assert "xray.telemetry.faults" not in attributes


def _is_shown(trace: Trace, attempt: tuple[int, int]) -> bool:
    return attempt in trace.stages


def _duration_ms(log: EventLog, attempt: tuple[int, int]) -> int:
    event = log.stages[attempt]
    return int(event["Completion Time"] - event["Submission Time"])
