# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import pytest

from tests.unit.trace_viewer.documents import as_trace, doc
from trace_viewer import Trace, render_tree
from trace_viewer.model.names import short_spark_name, unnumbered
from trace_viewer.model.spark import is_lazy, summarize
from trace_viewer.model.tree import build
from trace_viewer.rendering.page.timeline import page_data


def step(name: str, start: float, outcome: str | None = None, **fields: Any) -> dict[str, Any]:
    """Return a step whose metadata hold an outcome and further values, dots written as underscores twice."""
    below = {"subsegments": fields.pop("subsegments")} if "subsegments" in fields else {}
    values = {f"spark.step.{key}": value for key, value in fields.items()}
    values |= {"spark.step.outcome": outcome} if outcome else {}
    return doc(name, start, start + 1, metadata={"default": values}, **below)


def stage(number: int, start: float, end: float, **values: Any) -> dict[str, Any]:
    known = {f"spark.stage.{key.replace('__', '.')}": value for key, value in values.items()}
    return doc(f"Spark stage {number}", start, end, metadata={"default": {"spark.stage.id": number, **known}})


@pytest.fixture
def job() -> Trace:
    """Two lazy steps whose stages ran in the two that act, one of either other outcome."""
    steps = [
        step("Read", 0, "executed", stages=[0, 1]),
        step("Filter", 1, "executed", stages=[1]),
        step("Rename", 2, "inlined", inlined_into="Filter"),
        step("Unused", 3, "eliminated"),
        step("Join", 4, "unknown"),
        step("Gone", 5, "executed", stages=[7]),
        step("Count", 6, "executed", stages=[0], subsegments=[stage(0, 6.1, 6.2, tasks=2)]),
        step("Write", 7, subsegments=[stage(1, 7.1, 7.2, tasks=1)]),
        step("Sample", 8, "executed", stages=[0, 2], subsegments=[stage(2, 8.1, 8.2, tasks=1)]),
        step("Load", 8.5, "executed", stages=[1], subsegments=[stage(3, 8.6, 8.7, tasks=1)]),
        step("Look", 9, "unknown", subsegments=[doc("Spark SQL 9: show", 9.1, 9.2)]),
    ]
    return as_trace(doc("job", 0, 10, subsegments=steps))


REMARKS = {
    "Read": "lazy · executed in Count, Write",
    "Filter": "lazy · executed in Write",
    "Rename": "lazy · inlined into Filter",
    "Unused": "removed by optimizer (unused)",
    "Join": "lazy · not attributed",
    "Gone": "lazy · executed",  # the span of its stage was left out of the trace
    "Count": "executed · runs 1 other step: Read",
    "Write": "",
    "Sample": "executed again in Count (not cached?)",
    "Load": "executed in Write",  # its own stage only looked at the schema
    "Look": "not attributed",
}


def test_every_outcome_is_said_beside_its_step(job: Trace) -> None:
    steps = job.tree.root.children
    assert {node.name: summarize(node) for node in steps} == REMARKS
    assert [node.name for node in steps if is_lazy(node)] == [
        *("Read", "Filter", "Rename", "Unused", "Join", "Gone")
    ]


def test_the_tree_and_the_page_say_the_same(job: Trace) -> None:
    drawn = render_tree(job, width=160)
    rows = {row["name"]: row for row in page_data(job.tree)["rows"]}
    for name, words in REMARKS.items():
        assert f"{name}  {words}".rstrip() in drawn
        assert rows[name].get("spark", "") == words
    assert rows["Read"]["lazy"] is True and "lazy" not in rows["Count"]


def test_a_lazy_step_leads_to_its_stage_and_the_host_names_its_guests(job: Trace) -> None:
    rows = {row["name"]: row for row in page_data(job.tree)["rows"]}
    assert [(place["name"], place["duration"]) for place in rows["Read"]["ran"]] == [
        ("Count, Spark stage 0", 100.0),
        ("Write, Spark stage 1", 100.0),
    ]
    assert [step["name"] for step in rows["Write"]["guests"]] == ["Read", "Filter"]
    assert "guests" not in rows["Read"]


def counted(rows: int) -> dict[str, int]:
    return {"spark.step.output.rows": rows}


def test_rows_that_were_measured_stand_beside_their_step() -> None:
    steps = [
        doc("Clean", 0, 1, metadata={"default": {"spark.step.outcome": "unknown", **counted(1)}}),
        doc("Write", 1, 2, metadata={"default": counted(4839)}),
    ]
    tree = build([doc("job", 0, 10, subsegments=steps)])
    assert [summarize(node) for node in tree.root.children] == [
        "lazy · not attributed · 1 row out",
        "4,839 rows out",
    ]


def test_a_call_names_the_end_of_its_key() -> None:
    values = {"aws.s3.key": "clean/" + "x" * 50 + "/part-00017.parquet"}
    tree = build([doc("S3", 0, 1, metadata={"default": values})])
    assert summarize(tree.root) == "…" + ("x" * 50 + "/part-00017.parquet")[-40:]


def test_a_step_in_progress_has_no_outcome_yet() -> None:
    node = build([doc("Read", 0, None, metadata={"default": {"spark.step.outcome": "unknown"}})]).root
    assert summarize(node) == "" and not is_lazy(node)


def test_more_steps_than_fit_are_counted() -> None:
    read = step("Read", 0, "executed", stages=[1, 2, 3])
    acting = [step(f"Act {n}", n, subsegments=[stage(n, n + 0.1, n + 0.2, tasks=1)]) for n in (1, 2, 3)]
    tree = build([doc("job", 0, 10, subsegments=[read, *acting])])
    assert summarize(tree.root.children[0]) == "lazy · executed in Act 1, Act 2 and 1 more"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"tasks": 1}, "1 task"),
        ({"tasks": 1200, "input__records": 1}, "1,200 tasks, 1 record"),
        ({"tasks": 8, "input__records": 4002, "output__records": 3682}, "8 tasks, 4,002 → 3,682 records"),
        ({"tasks": 8, "shuffle__read_records": 5, "shuffle__write_records": 5}, "8 tasks, 5 records"),
        ({"tasks": 8, "tasks__failed": 3}, "8 tasks, 3 failed"),
        (
            {"tasks": 8, "skew_time_ms": 2600, "task__max_ms": 3000, "task__p50_ms": 400},
            "8 tasks, skew 7.5× (max 3.00s, median 400ms)",  # noqa: RUF001
        ),
        ({"tasks": 8, "skew_time_ms": 900, "task__max_ms": 1000, "task__p50_ms": 100}, "8 tasks"),
        ({"tasks": 8, "disk__spilled_bytes": 12_345_678}, "8 tasks, spilled 12 MB to disk"),
        ({"tasks": 8, "skew_time_ms": 2600, "task__max_ms": 2600}, "8 tasks, skew (max 2.60s, median 0ms)"),
        ({"tasks": True, "input__records": "many"}, "0 tasks"),
    ],
)
def test_a_stage_says_tasks_records_skew_and_spill(values: dict[str, Any], words: str) -> None:
    # A stage of four seconds: skew counts from one second on, a quarter of it.
    assert summarize(build([stage(8, 0, 4, **values)]).root) == words


@pytest.mark.parametrize(
    ("name", "short", "shared"),
    [
        ("Spark stage 8", "Spark stage 8", "Spark stage"),
        ("Spark stage 8 (attempt 1)", "Spark stage 8 (attempt 1)", "Spark stage"),
        ("Spark SQL 3: save", "Spark SQL 3: save", "Spark SQL: save"),
        (
            "Spark job 0: collect at /tmp/x/medians.py:31",
            "Spark job 0: collect at medians.py:31",
            "Spark job: collect",
        ),
        ("Spark job 0: collect at /tmp/x/files/0/e24b57", "Spark job 0: collect", "Spark job: collect"),
        ("Read Data", "Read Data", "Read Data"),
    ],
)
def test_names_of_spark_spans(name: str, short: str, shared: str) -> None:
    assert (short_spark_name(name), unnumbered(name)) == (short, shared)


def test_python_functions_of_a_lazy_step_leave_it_lazy() -> None:
    values = {"spark.python.function": "twice", "spark.python.rows": 4002, "spark.python.time_ms": 1500.0}
    task = doc("Python twice: partition 0", 2.1, 2.9, metadata={"default": values})
    steps = [
        step("Double", 1, "executed", stages=[3], subsegments=[task]),
        step("Write", 2, subsegments=[stage(3, 2.0, 3.0, tasks=1)]),
    ]
    tree = build([doc("job", 0, 10, subsegments=steps)])
    nodes = {node.name: node for node in tree.nodes}

    assert is_lazy(nodes["Double"])
    assert summarize(nodes["Double"]) == "lazy · executed in Write"
    assert summarize(nodes["Python twice: partition 0"]) == "4,002 rows, 1.50s in the function"


def test_a_span_of_many_calls_says_how_many() -> None:
    values = {"aws.calls": 1000, "aws.calls.max_ms": 200.0, "aws.calls.total_ms": 900.0}
    tree = build([doc("S3", 0, 1, metadata={"default": values})])

    assert [summarize(node) for node in tree.nodes] == ["1,000 calls, longest 200ms"]
    alone = build([doc("S3", 0, 1, metadata={"default": values | {"aws.calls": 1}})])
    assert summarize(alone.root) == "1 call, longest 200ms"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (
            {
                "spark.task.why": ["slow"],
                "spark.task.executor.id": "1",
                "spark.task.run_time_ms": 1_200,
            },
            "slow, on executor 1, ran 1.20s",
        ),
        (
            {
                "spark.task.why": ["failed", "retried"],
                "spark.task.executor.id": "2",
                "spark.task.reason": "ValueError: no",
            },
            "failed, retried, on executor 2, ValueError: no",
        ),
        (
            {
                "spark.executor.id": "1",
                "spark.executor.cores": 4,
                "spark.executor.busy_cores": 0.5,
                "spark.executor.tasks": 1_200,
            },
            "1,200 tasks, 0.5 of 4 cores busy",
        ),
        (
            {
                "spark.executor.id": "1",
                "spark.executor.cores": 1,
                "spark.executor.busy_cores": 0.0,
                "spark.executor.tasks": 0,
                "spark.executor.lost": True,
                "spark.executor.removed_reason": "Command exited with code 137",
            },
            "0 tasks, 0 of 1 core busy, lost: Command exited with code 137",
        ),
    ],
)
def test_tasks_and_executors_say_why_they_are_shown(values: dict[str, Any], words: str) -> None:
    document = doc("Spark task 1", 0.0, 1.0, type="subsegment", metadata={"default": values})

    assert summarize(build([document]).root) == words
