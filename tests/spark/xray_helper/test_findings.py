# SPDX-License-Identifier: Apache-2.0
"""Real programs with a problem and their twins without: what is found is there, with the event log's numbers.

Programs are small, so thresholds of size and time are scaled down; their real values are those of
``xray_common.findings.limits``, and ``tests/unit/xray_common`` tries them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.finding_table import check_said
from tests.spark.xray_helper.all_pipelines import NAMES
from tests.spark.xray_helper.conftest import run
from tests.spark.xray_helper.environment import ROOT
from tests.spark.xray_helper.event_log import EventLog, stage_metrics, task_metrics
from tests.spark.xray_helper.scenery import LEFT_OUT, PIPELINES
from tests.spark.xray_helper.traces import Trace
from trace_viewer import Trace as ViewedTrace
from trace_viewer.model.findings import find_findings
from xray_common.findings import LIMITS, Finding

_QUICK: dict[str, Any] = {"floor_s": 0.3, "floor_share": 0.0}
# What is scaled down for the programs of one kind.
SCALED: dict[str, dict[str, Any]] = {
    "few_tasks": {"few_tasks_s": 0.5},
    "spill": {"spill_bytes": 10_000},
    "tiny_tasks": {"tiny_tasks": 500},
    "cross_join": {"cross_join_rows": 1_000_000},
    "large_broadcast": {"broadcast_bytes": 4_000_000},
    "tiny_join_side": {"join_bytes": 1_000_000},
    "small_files_read": {"small_files": 50},
    "small_files_written": {"small_files": 50},
    "full_scan": {"scan_bytes": 1},
    "driver_bound": {"driver_s": 1.0},
    "python_functions": {"python_s": 0.5},
    "many_executions": {"executions": 20},
    "idle_workers": {"idle_job_s": 1.0, "idle_share": 0.8},  # a busy machine leaves cores idle, too
    "fetch_bound": {"floor_s": 0.05},
}
PROGRAMS = {  # else named as the kind
    "small_files_read": "small_files",
    "small_files_written": "small_files",
    "rejected_rows": "sorted_out",
    "lost_rows": "sorted_out",
    "idle_workers": "driver_bound",  # while the driver is busy, its cores are not
}
Evidence = dict[str, Any]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("findings") / "run"


@pytest.fixture(scope="module")
def programs(place: Path) -> dict[str, Trace]:
    return run(place, "tests.spark.xray_helper.finding_pipelines")


@pytest.fixture(scope="module")
def truth(place: Path, programs: dict[str, Trace]) -> EventLog:
    return EventLog.read(place / "events")


def found_in(trace: Trace, kind: str) -> list[Finding]:
    """Ask the viewer, which sees documents."""
    segments = tuple((f"{span['id']:016x}", span["document"]) for span in trace.spans)
    tree = ViewedTrace("1-00000000-000000000000000000000000", segments).tree
    limits = dataclasses.replace(LIMITS, **(_QUICK | SCALED.get(kind, {})))
    return [found for found in find_findings(tree, limits=limits).found if found.kind == kind]


def of_stage(found: Finding) -> tuple[int, int]:
    values = found.span.attributes
    return values["spark.stage.id"], values["spark.stage.attempt"]


def _skew(log: EventLog, found: Finding) -> Evidence:
    tasks = log.tasks[of_stage(found)]
    times = task_metrics(tasks)
    return {
        "tasks": len(tasks),
        "longest_task_ms": times["spark.stage.task.max_ms"],
        "median_task_ms": times["spark.stage.task.p50_ms"],
    }


def sums_of_tasks(**names: str) -> Callable[[EventLog, Finding], Evidence]:
    def expected(log: EventLog, found: Finding) -> Evidence:
        tasks = log.tasks[of_stage(found)]
        sums = {**stage_metrics(tasks), "tasks": len(tasks), "cores": log.cores}
        attempt = of_stage(found)
        event = log.stages[attempt]
        sums["stage_ms"] = event["Completion Time"] - event["Submission Time"]
        sums["wait_ms"] = min(task["Task Info"]["Launch Time"] for task in tasks) - event["Submission Time"]
        sums["attempt"], sums["number"] = attempt[1], event["Number of Tasks"]
        return {name: sums[key] for name, key in names.items()}

    return expected


def _tiny(log: EventLog, found: Finding) -> Evidence:
    tasks = log.tasks[of_stage(found)]
    run_time = stage_metrics(tasks)["spark.stage.executor.run_time_ms"]
    median = task_metrics(tasks)["spark.stage.task.p50_ms"]
    return {"tasks": len(tasks), "median_task_ms": median, "task_ms": run_time, "cores": log.cores}


def _executed(log: EventLog, found: Finding) -> set[tuple[int, int]]:
    """Name the stages of the execution that a finding is about."""
    execution = found.span.attributes["spark.sql.execution.id"]
    jobs = [number for number in log.job_starts if log.execution_of(number) == execution]
    return {attempt for number in jobs for attempt in log.stages_of(number)}


def _python(log: EventLog, found: Finding) -> Evidence:
    sums = [stage_metrics(log.tasks[attempt]) for attempt in _executed(log, found)]
    in_jvm = ("executor.cpu_time_ms", "jvm.gc_time_ms", "shuffle.fetch_wait_time_ms")
    return {
        "task_ms": sum(one[RUN] for one in sums),
        "jvm_ms": sum(one[f"spark.stage.{name}"] for one in sums for name in in_jvm),
    }


def _fixed(**numbers: int) -> Callable[[EventLog, Finding], Evidence]:
    """Expect what the program did by its own text."""
    return lambda log, found: numbers


def _repeated(log: EventLog, found: Finding) -> Evidence:
    """Add up the stages that slept, by execution: 40 rows of 40 ms are 0.8 s of two cores."""
    seconds: dict[int, float] = {}
    for number in log.jobs_between(*_times(found)):
        for attempt in log.stages_of(number):
            event = log.stages[attempt]
            if attempt[0] in found.span.attributes["spark.step.stages"]:
                took = (event["Completion Time"] - event["Submission Time"]) / 1000
                execution = log.execution_of(number) or 0
                seconds[execution] = seconds.get(execution, 0.0) + took
    total = sum(seconds.values())
    again = round(total - max(seconds.values()), 3)
    return {"executions": len(seconds), "stages_s": round(total, 3), "again_s": again}


def _times(found: Finding) -> tuple[int, int]:
    job = found.span.segment
    return int(job.start * 10**9), int(job.end * 10**9)


def _unread(log: EventLog, found: Finding) -> Evidence:
    (number,) = (one for one in log.executions_between(*_times(found)))
    took = log.sql_ends[number]["time"] - log.sql_starts[number]["time"]
    return {"caches": 1, "execution_ms": took}


def _many(log: EventLog, found: Finding) -> Evidence:
    numbers = log.executions_between(*_times(found))
    took = sum(log.sql_ends[number]["time"] - log.sql_starts[number]["time"] for number in numbers)
    return {"executions": len(numbers), "executions_s": took / 1000}


def _delay(log: EventLog, found: Finding) -> Evidence:
    """Add up what is left of the tasks' time without what executors measured."""
    tasks = log.tasks[of_stage(found)]
    measured = ("Executor Run Time", "Executor Deserialize Time", "Result Serialization Time")
    took = sum(task["Task Info"]["Finish Time"] - task["Task Info"]["Launch Time"] for task in tasks)
    worked = sum(task["Task Metrics"][name] for task in tasks for name in measured)
    return {"scheduler_delay_ms": took - worked, "task_ms": stage_metrics(tasks)[RUN]}


def _rows(log: EventLog, found: Finding) -> Evidence:
    """Read what the count has read, and what both writes have written, in their order."""
    read, written = 0, []
    for execution in sorted(log.executions_between(*_times(found))):
        jobs = (number for number in log.job_starts if log.execution_of(number) == execution)
        tasks = [task for job in jobs for attempt in log.stages_of(job) for task in log.tasks[attempt]]
        sums = stage_metrics(tasks)
        read = max(read, sums["spark.stage.input.records"])
        written += [count] if (count := sums["spark.stage.output.records"]) else []
    clean, rejected = written
    return {"rows_read": read, "rows_clean": clean, "rows_rejected": rejected}


def _rejected(log: EventLog, found: Finding) -> Evidence:
    rows = _rows(log, found)
    rows["invalid_price"] = rows["rows_rejected"]
    del rows["rows_clean"]
    return rows


def _idle(log: EventLog, found: Finding) -> Evidence:
    """Add up all tasks of the job; the cores are there from its start to its end."""
    start, end = _times(found)
    attempts = {attempt for job in log.jobs_between(start, end) for attempt in log.stages_of(job)}
    busy_ms = sum(stage_metrics(log.tasks[attempt])[RUN] for attempt in attempts)
    return {"core_s": log.cores * (end - start) / 1e9, "busy_core_s": busy_ms / 1000}


RUN = "spark.stage.executor.run_time_ms"
EVIDENCE: dict[str, Callable[[EventLog, Finding], Evidence]] = {
    "skew": _skew,
    "spill": sums_of_tasks(
        disk_spilled_bytes="spark.stage.disk.spilled_bytes",
        memory_spilled_bytes="spark.stage.memory.spilled_bytes",
        tasks="tasks",
    ),
    "gc": sums_of_tasks(gc_ms="spark.stage.jvm.gc_time_ms", task_ms=RUN),
    "few_tasks": sums_of_tasks(tasks="tasks", cores="cores", stage_ms="stage_ms"),
    "one_task_reads_all": sums_of_tasks(tasks="tasks", input_bytes="spark.stage.input.bytes", cores="cores"),
    "tiny_tasks": _tiny,
    "retries": sums_of_tasks(
        tasks_failed="spark.stage.tasks.failed", stage_attempt="attempt", tasks="number"
    ),
    "waiting_for_executors": sums_of_tasks(wait_ms="wait_ms", stage_ms="stage_ms"),
    "cross_join": _fixed(pairs_rows=3_000_000),
    "full_scan": _fixed(partitions=12),
    "repeated_work": _repeated,
    "unread_cache": _unread,
    "many_executions": _many,
    "python_functions": _python,
    # Bytes as the Spark UI rounds them: 16 a row, and what is in the folder.
    "tiny_join_side": _fixed(large_side_bytes=16 * 400_000, small_side_bytes=16 * 100),
    "large_broadcast": lambda log, found: {},
    "small_files_read": _fixed(files=60),
    "small_files_written": _fixed(files=60),
    "driver_bound": _fixed(spark_jobs=1),
    "scheduler_delay": _delay,
    "idle_workers": _idle,
    "rejected_rows": _rejected,
    "lost_rows": _rows,
}
OF_JOBS = {"idle_workers", "rejected_rows", "lost_rows"}  # the others are of a step
# Of what Spark writes at most every 100 ms, and of what is rounded to tenths.
ROUNDED = {"idle_workers": 0.25}


@pytest.mark.parametrize("kind", EVIDENCE)
def test_a_problem_is_found_with_the_numbers_of_the_event_log(
    kind: str, programs: dict[str, Trace], truth: EventLog
) -> None:
    trace = programs[PROGRAMS.get(kind, kind)]
    (found,) = found_in(trace, kind)
    expected = EVIDENCE[kind](truth, found)

    told = {name: found.evidence[name] for name in expected}
    assert told == pytest.approx(expected, rel=0.001, abs=ROUNDED.get(kind, 0))
    assert found.where[0] == "job"
    assert found.where[1:2] in (["Work"], ["Write"], [])
    assert (found.where == ["job"]) == (kind in OF_JOBS)
    assert found.span.id in {f"{span['id']:016x}" for span in trace.spans}
    check_said(kind, found.title)


@pytest.mark.parametrize("kind", EVIDENCE)
def test_of_its_twin_nothing_is_said(kind: str, programs: dict[str, Trace]) -> None:
    twin = programs[f"{PROGRAMS.get(kind, kind)}_twin"]

    assert [found.title for found in found_in(twin, kind)] == []
    assert "finding" not in twin.job["attributes"], twin.job["attributes"]["finding.title"]


@pytest.mark.parametrize("kind", ["small_files_read", "small_files_written"])
def test_files_are_those_in_the_folder(kind: str, programs: dict[str, Trace]) -> None:
    (found,) = found_in(programs["small_files"], kind)

    facts = programs["small_files"].facts
    assert found.evidence == {"files": facts["files"], "total_bytes": pytest.approx(facts["bytes"], abs=52)}


def test_the_time_of_the_driver_is_what_it_took(programs: dict[str, Trace]) -> None:
    (found,) = found_in(programs["driver_bound"], "driver_bound")

    assert found.evidence["driver_s"] >= programs["driver_bound"].facts["driver_s"]
    assert found.title.endswith("no Spark job ran in this step, which calls collect")


def test_a_large_broadcast_is_as_large_as_its_rows(programs: dict[str, Trace]) -> None:
    (found,) = found_in(programs["large_broadcast"], "large_broadcast")

    assert 8 * 300_000 <= found.evidence["broadcast_bytes"] <= 64 * 300_000  # a long each, in a hash table


def test_the_fingerprint_is_that_of_the_shape(programs: dict[str, Trace]) -> None:
    prints = {
        name: [
            span["attributes"]["spark.sql.plan.fingerprint"]
            for span in programs[name].spans
            if "spark.sql.plan.fingerprint" in span["attributes"]
        ]
        for name in ("repeated_work", "repeated_work_twin", "skew", "skew_twin")
    }
    assert len(set(prints["repeated_work"])) == 1  # two executions that differ by a number
    assert (
        len({prints[name][0] for name in ("repeated_work", "repeated_work_twin", "skew", "skew_twin")}) == 4
    )


def test_the_job_says_its_worst_kind_itself(programs: dict[str, Trace]) -> None:
    attributes = programs["skew"].job["attributes"]

    assert attributes["finding"] == "skew"
    assert attributes["aws.xray.annotations"] == ["job_name", "finding"]
    assert attributes["finding.title"].startswith("Work: Spark stage ")
    assert "of 6 tasks took" in attributes["finding.title"]
    assert attributes["findings"] == 1


DOUBTFUL = {
    "slow_partition",  # skewed by about the second from which on it is said
    "stream_of_batches",  # a stream and its batches share two cores: on a busy machine one waits
}
OTHERS = [name for name in NAMES if not PIPELINES[name].fails and name not in DOUBTFUL]
NOT_WELL = {
    "task_that_fails_once": "retries",
    "failing_once": "retries",
    "lost_shuffle_files": "retries",
    "small_actions": "many_executions",  # 500
}


@pytest.mark.parametrize("name", OTHERS)
def test_of_healthy_programs_nothing_is_said(name: str, traces: dict[str, Trace]) -> None:
    attributes = traces[name].job["attributes"]

    assert attributes.get("finding") == NOT_WELL.get(name), attributes.get("finding.title")


def test_the_docs_count_them() -> None:
    page = (ROOT / "docs/findings.md").read_text()

    assert f"{len(EVIDENCE)} of {len(EVIDENCE)} kinds are found" in page
    assert f"of {len(EVIDENCE)} twins and more than 100 other healthy programs" in page
    assert len(OTHERS) + len(LEFT_OUT) - len(NOT_WELL) > 100
