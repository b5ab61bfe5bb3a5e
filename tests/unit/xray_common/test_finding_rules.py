# SPDX-License-Identifier: Apache-2.0
"""Each rule at its threshold, just below it, and without one of its numbers."""

from __future__ import annotations

import dataclasses
import json
import random
import re
import time
from pathlib import Path
from typing import Any

import pytest

from xray_common import conventions
from xray_common.findings import LIMITS, Finding, Span, count_checks, find
from xray_common.findings.limits import Limits

MIB = 1024 * 1024
RUN, GC = "spark.stage.executor.run_time_ms", "spark.stage.jvm.gc_time_ms"
TASKS, CORES, USED = "spark.stage.tasks", "spark.stage.cores.available", "spark.stage.cores.used"
P50, LONGEST = "spark.stage.task.p50_ms", "spark.stage.task.max_ms"
INPUT, FAILED = "spark.stage.input.bytes", "spark.stage.tasks.failed"
KILLED, ATTEMPT = "spark.stage.tasks.killed", "spark.stage.attempt"
DISK, FETCH = "spark.stage.disk.spilled_bytes", "spark.stage.shuffle.fetch_wait_time_ms"
WAIT, DELAY = "spark.stage.wait_ms", "spark.stage.scheduler.delay_ms"
EXECUTORS, SLOWEST = "spark.stage.executors", "spark.stage.executor.slowest.task_ms"
OTHERS, CPU = "spark.stage.executor.others.task_ms", "spark.stage.executor.cpu_time_ms"
PLAN = "spark.sql.plan."
FINGERPRINT = {f"{PLAN}fingerprint": "0123456789abcdef"}

# Kind; numbers of a stage of 20 s in a job of 100 s; those that are just not enough.
STAGES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("skew", {TASKS: 3, LONGEST: 10_000, P50: 2_000}, {P50: 2_001}),
    ("skew", {TASKS: 3, LONGEST: 10_000, P50: 2_000}, {TASKS: 2}),
    ("skew", {TASKS: 9, LONGEST: 6_250, P50: 1_250}, {LONGEST: 5_100, P50: 101}),  # 4,999 ms: 5 % of 100 s
    ("spill", {TASKS: 8, DISK: 128 * MIB}, {DISK: 128 * MIB - 1}),
    ("gc", {TASKS: 8, RUN: 60_000, GC: 6_000, USED: 1}, {GC: 5_999}),
    ("gc", {TASKS: 8, RUN: 60_000, GC: 60_000}, {GC: 60_001}),
    ("waiting_for_executors", {TASKS: 8, WAIT: 5_000}, {WAIT: 4_999}),
    ("waiting_for_executors", {TASKS: 8, WAIT: 20_000}, {WAIT: 20_001}),
    ("skew", {TASKS: 8, LONGEST: 10_000, P50: 0}, {P50: -1}),
    ("scheduler_delay", {TASKS: 8, RUN: 60_000, DELAY: 20_000, USED: 3}, {DELAY: 19_999}),
    ("few_tasks", {TASKS: 4, CORES: 8}, {TASKS: 5}),
    ("one_task_reads_all", {TASKS: 1, CORES: 2, INPUT: 8 * MIB}, {CORES: 1}),
    ("tiny_tasks", {TASKS: 5_000, P50: 199, RUN: 60_000, CORES: 4}, {TASKS: 4_999}),
    ("tiny_tasks", {TASKS: 5_000, P50: 199, RUN: 60_000, CORES: 4}, {P50: 200}),
    ("retries", {TASKS: 8, FAILED: 1}, {FAILED: 0}),
    ("retries", {TASKS: 8, FAILED: 0, ATTEMPT: 1}, {ATTEMPT: 0}),
    ("fetch_bound", {TASKS: 8, RUN: 60_000, FETCH: 15_000, USED: 3}, {FETCH: 14_999}),
    ("fetch_bound", {TASKS: 8, RUN: 60_000, FETCH: 60_000}, {FETCH: 60_001}),
    ("slow_host", {TASKS: 8, EXECUTORS: 2, SLOWEST: 3_000, OTHERS: 1_000}, {SLOWEST: 2_999}),
    ("slow_host", {TASKS: 4, EXECUTORS: 2, SLOWEST: 3_000, OTHERS: 1_000}, {TASKS: 3}),
    ("slow_host", {TASKS: 8, EXECUTORS: 2, SLOWEST: 3_000, OTHERS: 1_000}, {KILLED: 1}),
]

# Without these there are no seconds, or another number is enough.
OPTIONAL = {USED, ATTEMPT, FAILED}

# The same of an execution of 20 s.
PLANS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("cross_join", {"cross_join.rows": 10**10}, {"cross_join.rows": 10**10 - 1}),
    ("large_broadcast", {"broadcast.bytes": 10**9}, {"broadcast.bytes": 10**9 - 1}),
    (
        "tiny_join_side",
        {"join.small_bytes": 10 * MIB, "join.large_bytes": 200 * MIB},
        {"join.small_bytes": 11 * MIB},
    ),
    (
        "tiny_join_side",
        {"join.small_bytes": 10 * MIB, "join.large_bytes": 100 * MIB},
        {"join.large_bytes": 99 * MIB},
    ),
    ("tiny_join_side", {"join.small_bytes": 1, "join.large_bytes": 10**8}, {"join.large_bytes": 10**8 - 1}),
    ("small_files_read", {"scan.files": 100, "scan.bytes": 299_999_999}, {"scan.bytes": 300_000_000}),
    ("small_files_read", {"scan.files": 100, "scan.bytes": 100}, {"scan.files": 99}),
    ("small_files_written", {"write.files": 100, "write.bytes": 299_999_999}, {"write.bytes": 300_000_000}),
    (
        "full_scan",
        {"scan.unfiltered": ["t"], "scan.partitions": 10, "scan.bytes": 10**9},
        {"scan.partitions": 9},
    ),
]


def job(attributes: dict[str, Any] | None = None) -> Span:
    return Span("job", "nightly", 1_000.0, 1_100.0, attributes or {}, is_segment=True)


def stage_of(root: Span, attributes: dict[str, Any], start: float = 1_010.0) -> Span:
    step = root.add(Span("step", "Merge", 1_005.0, 1_095.0))
    return step.add(Span("stage", "Spark stage 4", start, start + 20, {"spark.stage.id": 4, **attributes}))


def found_in_stage(attributes: dict[str, Any]) -> list[Finding]:
    root = job()
    stage_of(root, attributes)
    return find(root)


def found_in_plan(attributes: dict[str, Any]) -> list[Finding]:
    root = job()
    named = {PLAN + name: value for name, value in attributes.items()}
    root.add(
        Span("sql", "Spark SQL 3", 1_010.0, 1_030.0, {"spark.sql.execution.id": 3, **FINGERPRINT, **named})
    )
    return find(root)


@pytest.mark.parametrize(("kind", "enough", "change"), STAGES)
def test_a_stage_at_its_limit(kind: str, enough: dict[str, Any], change: dict[str, Any]) -> None:
    assert [found.kind for found in found_in_stage(enough)] == [kind]
    assert found_in_stage(enough)[0].where == ["nightly", "Merge", "Spark stage 4"]
    assert found_in_stage(enough | change) == []


@pytest.mark.parametrize(("kind", "enough", "change"), PLANS)
def test_a_plan_at_its_limit(kind: str, enough: dict[str, Any], change: dict[str, Any]) -> None:
    assert [found.kind for found in found_in_plan(enough)] == [kind]
    assert found_in_plan(enough | change) == []


@pytest.mark.parametrize(("kind", "enough", "_change"), STAGES)
def test_a_missing_number_is_no_zero(kind: str, enough: dict[str, Any], _change: dict[str, Any]) -> None:
    for name in enough.keys() - OPTIONAL:
        left = {key: value for key, value in enough.items() if key != name}
        for attributes in (left, left | {name: "a text of somebody else's"}):
            assert kind not in [found.kind for found in found_in_stage(attributes)] or name == TASKS


@pytest.mark.parametrize("again", [{FAILED: 1}, {ATTEMPT: 1}])
def test_a_lost_executor_makes_no_host_slow(again: dict[str, int]) -> None:
    """Its tasks are run again, by an executor that starts cold."""
    host = {TASKS: 8, EXECUTORS: 2, SLOWEST: 9_000, OTHERS: 1_000}

    assert [found.kind for found in found_in_stage(host | again)] == ["retries"]


@pytest.mark.parametrize(
    ("attributes", "kinds"),
    [
        ({"spark.executors.lost": 1}, ["lost_executors", "waiting_for_executors", "retries"]),
        (
            {"rows_read": 100, "rows_rejected": 40},
            ["rejected_rows", "waiting_for_executors", "retries"],
        ),
    ],
)
def test_a_cause_is_told_before_its_effects(attributes: dict[str, int], kinds: list[str]) -> None:
    root = job({"spark.tasks": 9, **attributes})
    stage_of(root, {TASKS: 8, FAILED: 1, WAIT: 6_000})

    assert [found.kind for found in find(root)] == kinds


def test_the_partition_of_the_longest_task_is_named() -> None:
    root = job()
    stage = stage_of(root, {TASKS: 8, LONGEST: 9_000, P50: 300})
    values = {"spark.task.partition": 5, "spark.task.executor.id": "2", "spark.task.run_time_ms": 9_000}
    stage.add(Span("task", "Spark task 5", 1_011.0, 1_020.0, values))
    (found,) = find(root)

    assert found.title == "partition 5 of 8 tasks took 9 s, median 300 ms (30.0×)"  # noqa: RUF001 - meant
    assert found.evidence["partition"] == 5
    assert found.evidence["executor"] == "2"
    assert found.seconds == pytest.approx(8.7)


def test_seconds_are_those_on_the_critical_path() -> None:
    root = job()
    stage_of(root, {TASKS: 8, LONGEST: 15_000, P50: 300}).critical_s = 6.0
    (found,) = find(root, price=lambda segment, seconds: seconds * 0.01 if segment is root else None)

    assert found.seconds == 6.0
    assert found.usd == pytest.approx(0.06)

    root.children[0].children[0].critical_s = 0.0
    assert find(root) == []


def test_a_third_of_the_job_is_critical() -> None:
    root = job()
    long = stage_of(root, {TASKS: 8, LONGEST: 40_000, P50: 300})
    long.end = long.start + 50

    assert [found.severity for found in find(root)] == ["critical"]
    assert [found.severity for found in found_in_stage({TASKS: 8, LONGEST: 15_000, P50: 300})] == ["warning"]


def test_the_same_in_many_stages_is_said_once() -> None:
    root = job()
    for number in range(5):
        stage_of(root, {TASKS: 8, DISK: (200 + number) * MIB})
    (found,) = find(root)

    assert found.evidence["alike"] == 4
    assert found.title.endswith("; and 4 more like it")


def test_tasks_of_a_stage_beside_may_have_had_the_cores() -> None:
    root = job()
    stage_of(root, {TASKS: 2, CORES: 8})
    stage_of(root, {TASKS: 8}, start=1_012.0)

    assert find(root) == []


def test_work_grows_with_the_stages() -> None:
    """A job's end waits for its rules: the cores of each stage were compared with all others of the job."""
    root = job()
    for number in range(4_000):
        stage_of(root, {TASKS: 1, CORES: 8}, start=1_000.0 + 30 * number)
    root.end = root.start + 30 * 4_000
    before = time.process_time()

    assert find(root) == []  # none is a twentieth of the job
    assert time.process_time() - before < 3  # squared, it is 16 million pairs


def test_the_stages_of_a_job_that_this_one_started_are_not_its_own() -> None:
    root = job({"spark.tasks": 9})
    lazy = {"spark.step.outcome": "executed", "spark.step.stages": [1, 2]}
    root.add(Span("load", "Load", 1_000.0, 1_040.0, lazy))
    call = root.add(Span("call", "Glue", 1_050.0, 1_090.0, operation="StartJobRun"))
    inner = call.add(Span("inner", "inner", 1_051.0, 1_089.0, {"spark.tasks": 9}, is_segment=True))
    for above, number in ((root, 1), (inner, 2)):
        sql = {"spark.sql.execution.id": number, "spark.sql.jobs": 1}
        start = above.start + 1
        execution = above.add(Span(f"sql{number}", f"Spark SQL {number}", start, start + 36, sql))
        stage = {"spark.stage.id": number, "spark.stage.tasks": 8}
        execution.add(Span(f"stage{number}", f"Spark stage {number}", start, start + 36, stage))

    assert find(root) == []


def test_whatever_is_in_a_document_no_rule_fails() -> None:
    names = sorted(
        value for name, value in vars(conventions).items() if name.isupper() and isinstance(value, str)
    )
    names += [WAIT, DELAY, EXECUTORS, SLOWEST, OTHERS, "rejected_by_reason.x", "spark.executors.lost"]
    values = [
        0,
        -1,
        1,
        10**12,
        10**400,
        float("nan"),
        float("inf"),
        True,
        "7",
        "executed",
        None,
        [],
        [{}],
        [0, 1],
        {"a": {}},
    ]
    draw = random.Random(19)  # noqa: S311 - the same each time
    for _ in range(400):
        root = job({name: draw.choice(values) for name in draw.sample(names, 30)})
        for number in range(6):
            above = draw.choice(list(root.walk()))
            attributes = {name: draw.choice(values) for name in draw.sample(names, 40)}
            start, end = draw.choice([(0.0, 0.0), (1_000.0, 1_090.0), (1_050.0, 1_040.0)])
            above.add(Span(str(number), "x", start, end, attributes, is_segment=draw.random() < 0.2))
        for found in find(root):
            assert json.dumps(found.to_json())


def test_nothing_is_said_of_what_runs() -> None:
    root = job()
    stage_of(root, {TASKS: 8, DISK: 200 * MIB}).is_over = False

    assert find(root) == []


def test_only_what_is_there_is_checked() -> None:
    assert count_checks(job()) == 0
    root = job()
    stage_of(root, {TASKS: 8})
    assert count_checks(root) == 11
    root.attributes = {"rows_read": 9}
    assert count_checks(root) == 13


@pytest.mark.parametrize(
    ("running", "cpu", "kinds"),
    [
        (70_000, 35_000, ["python_functions"]),
        (70_000, 35_001, []),
        (29_999, 0, []),
        (30_000, 0, ["python_functions"]),
    ],
)
def test_python(running: int, cpu: int, kinds: list[str]) -> None:
    root = job()
    sql = {"spark.sql.execution.id": 3, **FINGERPRINT, f"{PLAN}python": ["BatchEvalPython"]}
    execution = root.add(Span("sql", "Spark SQL 3", 1_010.0, 1_090.0, sql))
    numbers = {RUN: running, CPU: cpu, GC: 0, FETCH: 0}
    execution.add(Span("stage", "Spark stage 4", 1_010.0, 1_010.0 + running / 1000, numbers))

    assert [found.kind for found in find(root)] == kinds


ROWS = {"rows_read": 100, "rows_clean": 80, "rows_duplicate": 8, "rows_rejected": 12}


@pytest.mark.parametrize(
    ("rows", "kinds"),
    [
        (ROWS, []),
        (ROWS | {"rows_clean": 79}, ["lost_rows"]),
        (ROWS | {"rows_clean": 72, "rows_rejected": 20}, ["rejected_rows"]),
        (ROWS | {"rows_clean": 73, "rows_rejected": 19}, []),
        ({"rows_read": 100, "rows_written": 9}, []),  # an aggregation, or whatever: not every row is told
        ({"rows_read": 0, "rows_clean": 0, "rows_rejected": 0}, []),
        ({"rows_read": 100, "rows_rejected": 3}, []),
        ({"rows_read": 100, "rows_rejected": 250}, []),  # more than all is no count of these rows
        ({"rows_read": 100, "rows_clean": -50, "rows_rejected": 10}, []),
    ],
)
def test_rows(rows: dict[str, int], kinds: list[str]) -> None:
    assert [found.kind for found in find(job(rows))] == kinds


def test_most_frequent_reason_is_named() -> None:
    text = '{"invalid_price": 30, "invalid_date": 10}'
    root = job({"rows_read": 100, "rows_clean": 60, "rows_rejected": 40, "rejected_by_reason": text})
    (found,) = find(root)

    assert found.title == "40 % of the rows were rejected: 40 of 100, most for invalid_price (30)"
    assert found.evidence == {"rows_read": 100, "rows_rejected": 40, "invalid_price": 30, "invalid_date": 10}
    assert find(job({**root.attributes, "rejected_by_reason": '{"invalid_date": 10, "invalid_price": 30}'}))[
        0
    ].title.endswith("most for invalid_price (30)")


@pytest.mark.parametrize("count", [10**400, -1, float("nan"), True], ids=["huge", "negative", "nan", "true"])
def test_a_reason_without_a_count_is_no_reason(count: Any) -> None:
    root = job({"rows_read": 100, "rows_rejected": 40, "rejected_by_reason": {"late": count, "early": 2}})
    (found,) = find(root)

    assert found.title.endswith("40 of 100, most for early (2)")
    assert "late" not in found.evidence


def test_of_many_reasons_the_most_frequent_are_kept_and_the_others_counted() -> None:
    reasons = {f"row {number}": number for number in range(1, 1_001)} | {"rows_read": 5_000, "x" * 999: 2_000}
    root = job({"rows_read": 100, "rows_rejected": 40, "rejected_by_reason": reasons})
    (found,) = find(root)

    assert found.evidence["rows_read"] == 100  # the number, whatever a reason is called
    assert found.evidence["more_reasons"] == 1_002 - 10
    assert found.evidence["row 1000"] == 1_000
    assert "row 992" not in found.evidence
    assert max(map(len, found.evidence)) == 80
    assert len(found.evidence) == 12


def test_rejected_rows_can_be_read() -> None:
    root = job({"rows_read": 100, "rows_rejected": 40, "rejected_uri": "s3://data/rejected/run_id=1"})
    assert find(root)[0].advice.startswith("Read them at s3://data/rejected/run_id=1, by reason: ")
    root.attributes = {**root.attributes, "rejected_uri": 7}
    assert find(root)[0].advice.startswith("Look at them, by reason: ")


def test_reasons_nested_too_deep_are_none() -> None:
    (found,) = find(job({"rows_read": 10, "rows_rejected": 4, "rejected_by_reason": '{"a":' * 9_000}))
    assert found.title == "40 % of the rows were rejected: 4 of 10"


def test_each_job_is_told_on_its_own() -> None:
    root = Span("m", "machine", 0.0, 100.0, is_segment=True)
    for name, read in (("clean", 100), ("enrich", 200)):
        root.add(Span(name, name, 0.0, 50.0, ROWS | {"rows_read": read, "rows_clean": 1}, is_segment=True))

    assert [(found.where, found.evidence["rows_read"]) for found in find(root)] == [
        (["clean"], 100),
        (["enrich"], 200),
    ]


def test_each_step_is_told_on_its_own() -> None:
    root = job()
    root.end = root.start + 1_000
    for number, name in enumerate(("Load", "Check", "Load")):
        start = root.start + 300 * number
        step = root.add(Span(f"s{number}", name, start, start + 200, {"spark.tasks": 1}))
        step.add(Span(f"j{number}", "Spark job 1", start, start + 10, {"spark.job.id": number}))
    found = find(root)

    assert [(one.where[-1], one.evidence.get("alike")) for one in found] == [("Load", 1), ("Check", None)]


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("xray.spans.dropped", "1 span did not fit into the trace"),
        ("spark.jobs.missing", "1 Spark job not known"),
    ],
)
def test_one_thing_is_one(name: str, title: str) -> None:
    assert [found.title for found in find(job({"spark.tasks": 9, name: 1}))] == [title]


def test_what_runs_is_not_checked() -> None:
    root = job(ROWS)
    assert count_checks(root) == 2
    root.is_over = False
    assert count_checks(root) == 0


def started(seconds: float, work: float) -> Span:
    root = Span("m", "machine", 0.0, seconds + work, is_segment=True)
    state = root.add(Span("s", "Clean Data", 0.0, seconds + work))
    call = state.add(Span("c", "Glue", 0.0, seconds + work, operation="StartJobRun"))
    call.add(Span("j", "clean", seconds, seconds + work, is_segment=True))
    return root


@pytest.mark.parametrize(("seconds", "work", "kinds"), [(30, 30, ["slow_start"]), (30, 31, []), (29, 5, [])])
def test_start(seconds: float, work: float, kinds: list[str]) -> None:
    assert [found.kind for found in find(started(seconds, work))] == kinds


def test_the_wait_for_a_start_is_on_the_path_of_its_caller() -> None:
    root = started(300, 10)
    call = root.children[0].children[0]
    call.critical_s, call.children[0].critical_s = 310.0, 10.0
    (found,) = find(root, price=lambda segment, seconds: seconds)

    assert found.seconds == 300
    assert found.usd is None  # Glue bills none of it
    call.critical_s = 10.0
    assert find(root) == []  # something else was waited for


def test_a_state_that_was_tried_again() -> None:
    root = started(10, 50)
    root.children[0].failed = True
    again = root.add(Span("s2", "Clean Data", 75.0, 90.0))
    again.add(Span("c2", "Glue", 75.0, 90.0, operation="StartJobRun"))
    root.end = 90.0
    (found,) = find(root)

    assert (found.kind, found.span.id, found.seconds) == ("waited_state", "s2", 75.0)
    root.critical_s, again.critical_s = 90.0, 15.0
    assert [one.seconds for one in find(root)] == [75.0]
    again.failed = True  # a failure is not told as a delay
    assert find(root) == []


@pytest.mark.parametrize(
    ("failed", "kinds"),
    [
        ((True, True, False), ["waited_state"]),
        ((True, True, True), []),
        ((False, False, False), []),  # a state that makes three calls
        ((False, True, False), []),
    ],
)
def test_the_calls_of_a_state_are_its_attempts(failed: tuple[bool, ...], kinds: list[str]) -> None:
    root = Span("m", "machine", 0.0, 100.0, is_segment=True)
    state = root.add(Span("s", "Clean Data", 0.0, 100.0))
    for number, fails in enumerate(failed):
        start = 30.0 * number
        call = state.add(Span(f"c{number}", "Glue", start, start + 20, operation="StartJobRun"))
        call.failed = fails
    found = find(root)

    assert [one.kind for one in found] == kinds
    if found:
        assert (found[0].span.id, found[0].seconds, found[0].evidence["attempts"]) == ("c2", 60.0, 3)
        state.children[2].name = "S3"  # another call is no attempt
        assert find(root) == []


@pytest.mark.parametrize(
    ("attributes", "kinds"),
    [
        ({"spark.executors.core_seconds": 400, "spark.executor.run_time_ms": 200_000}, ["idle_workers"]),
        ({"spark.executors.core_seconds": 400, "spark.executor.run_time_ms": 201_000}, []),
        ({"spark.executors.lost": 2}, ["lost_executors"]),
        ({"spark.executors.lost": 0}, []),
        ({"xray.spans.dropped": 3}, ["telemetry_cut"]),
        ({"xray.spans.dropped": 0}, []),
    ],
)
def test_a_job(attributes: dict[str, Any], kinds: list[str]) -> None:
    root = job({"spark.tasks": 9, **attributes})
    root.end = root.start + 300

    assert [found.kind for found in find(root)] == kinds
    root.end -= 1
    assert "idle_workers" not in [found.kind for found in find(root)]


def test_every_limit_is_in_the_docs() -> None:
    page = (Path(__file__).parents[3] / "docs/findings.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", page, flags=re.MULTILINE))

    assert rows == {field.name: _shown(field) for field in dataclasses.fields(Limits)}


def _shown(field: dataclasses.Field[Any]) -> str:
    value = getattr(LIMITS, field.name)
    number = f"{value:,}" if isinstance(value, int) else f"{value:,.3g}"
    return f"{number} {field.metadata['unit']}"
