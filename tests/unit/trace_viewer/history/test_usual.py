# SPDX-License-Identifier: Apache-2.0
"""What is usual of varied runs, and what a run beyond it is told to have."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.trace_viewer.documents import as_trace, doc
from tests.unit.trace_viewer.history.samples import BEGIN, DAY, good_runs, run_number
from trace_viewer import Trace
from trace_viewer.history.estimate import estimate
from trace_viewer.history.listing import listed
from trace_viewer.history.runs import Run, run_of
from trace_viewer.history.usual import Verdict, compare_with_usual
from trace_viewer.history.wording import sentences, short_verdict

JOIN = "orders › Join"  # noqa: RUF001


def said(verdict: Verdict) -> str:
    return "\n".join(sentences(verdict))


def kinds(verdict: Verdict) -> dict[str, list[str]]:
    return {found.step.name: [c.kind for c in found.causes] for found in verdict.steps if found.step}


@pytest.mark.parametrize("rows", [1_000, 4_000, 7_500, 10_000, 40_000])
def test_a_run_of_another_size_is_as_usual(rows: int) -> None:
    verdict = compare_with_usual(run_number(99, rows), good_runs())
    assert not verdict.is_beyond, said(verdict)
    assert verdict.usual and verdict.usual.seconds >= 2 * rows / 1000


def test_a_slow_step_is_named_by_how_much() -> None:
    verdict = compare_with_usual(run_number(99, 7_000, late=8.0), good_runs())
    assert kinds(verdict) == {JOIN: []}
    assert verdict.beyond and verdict.beyond.excess == pytest.approx(8.0, abs=0.3)
    assert "8.0" in said(verdict) or "7.9" in said(verdict)
    assert "none of what was measured says why" in said(verdict)


@pytest.mark.parametrize(
    ("usually", "now", "kind", "words"),
    [
        (
            {"spark.stage.task.max_ms": 600, "spark.stage.skew_time_ms": 100},
            {"spark.stage.task.max_ms": 8_000, "spark.stage.skew_time_ms": 7_500},
            "skew",
            "skew 16.0× (longest task 7.50s over the median one), usually 1.2×",  # noqa: RUF001
        ),
        (
            {"spark.stage.disk.spilled_bytes": 0},
            {"spark.stage.disk.spilled_bytes": 4_000_000_000},
            "spill",
            "spilled 4.0 GB to disk, usually 0 B",
        ),
        (
            {"spark.stage.cores.available": 8.0},
            {"spark.stage.cores.available": 4.0},
            "fewer workers",
            "4 cores, usually 8",
        ),
        ({"spark.stage.tasks.failed": 0}, {"spark.stage.tasks.failed": 3}, "retries", "3 failed tasks"),
        (
            {"spark.stage.executor.run_time_ms": 9_000, "spark.stage.jvm.gc_time_ms": 90},
            {"spark.stage.executor.run_time_ms": 9_000, "spark.stage.jvm.gc_time_ms": 4_500},
            "garbage collection",
            "garbage collection took 50% of its tasks' time, usually 1%",
        ),
        (
            {"spark.stage.executor.run_time_ms": 9_000, "spark.stage.executor.cpu_time_ms": 8_100},
            {"spark.stage.executor.run_time_ms": 9_000, "spark.stage.executor.cpu_time_ms": 900},
            "waiting",
            "its tasks computed 10% of their time, usually 90%: they waited",
        ),
        ({}, {"spark.stage.input.records": 90_000}, "more rows", "read 90,000 records"),
        (
            {"spark.sql.plan.fingerprint": "aaaa"},
            {"spark.sql.plan.fingerprint": "bbbb"},
            "other plan",
            "another plan than in all 10 good runs",
        ),
    ],
)
def test_a_cause_is_said_with_its_numbers(
    usually: dict[str, Any], now: dict[str, Any], kind: str, words: str
) -> None:
    verdict = compare_with_usual(run_number(99, 7_000, late=8.0, stage=now), good_runs(stage=usually))
    assert kinds(verdict) == {JOIN: [kind]}
    assert words in said(verdict)
    same = compare_with_usual(run_number(99, 7_000, late=8.0, stage=usually), good_runs(stage=usually))
    assert kinds(same) == {JOIN: []}  # what all runs have explains nothing


def test_what_was_not_measured_explains_nothing() -> None:
    now = {"spark.stage.disk.spilled_bytes": 4_000_000_000, "spark.stage.cores.available": 1.0}
    now |= {"spark.stage.task.max_ms": 8_000, "spark.stage.skew_time_ms": 7_500}
    good = [replace(run, steps=tuple(replace(step, facts={}) for step in run.steps)) for run in good_runs()]
    assert kinds(compare_with_usual(run_number(99, 7_000, late=8.0, stage=now), good)) == {JOIN: []}


def test_fewer_workers_are_known_from_the_job_too() -> None:
    def run(number: int, workers: int, late: float = 0.0) -> Run:
        return run_number(number, late=late, job={"aws.glue.job.number_of_workers": workers})

    verdict = compare_with_usual(run(99, 5, late=9.0), [run(n, 10) for n in range(5)])
    assert kinds(verdict) == {JOIN: ["fewer workers"]}
    assert "5 workers, usually 10" in said(verdict)


def test_a_colder_start_is_the_states_and_not_the_jobs() -> None:
    def run(number: int, wait: float) -> Run:
        start = BEGIN + number * DAY - wait
        state = doc("Clean Data", start, start + wait + 50, id="state")
        machine = doc("Pipeline", start, start + wait + 50, id="m", subsegments=[state])
        machine["origin"] = "AWS::StepFunctions::StateMachine"
        return run_number(number, fields={"parent_id": "state"}, more=[machine])

    verdict = compare_with_usual(run(99, 150.0), [run(n, 40.0 + n) for n in range(6)])
    assert kinds(verdict) == {"Pipeline › Clean Data": ["colder start"]}  # noqa: RUF001
    assert "its job started after 2m 30s, usually after" in said(verdict)


def test_a_step_that_no_good_run_had_is_new() -> None:
    run = run_number(99)
    repaired = replace(run.steps[1], place=("orders", "Repair", 0), seconds=30.0)
    verdict = compare_with_usual(
        replace(run, seconds=run.seconds + 30, steps=(*run.steps, repaired)), good_runs()
    )
    assert kinds(verdict) == {"orders › Repair": ["new step"]}  # noqa: RUF001
    assert "none of the 10 good runs had this step" in said(verdict)


def rejecting(number: int, reasons: dict[str, int] | None) -> Run:
    job = {} if reasons is None else {"rejected_by_reason": json.dumps(reasons)}
    return run_number(number, 7_000, job=job)


def test_a_reason_of_rejection_that_no_good_run_had_is_told() -> None:
    good = [
        rejecting(number, {"late": 60, "odd": 10} if number % 2 else {"late": 70}) for number in range(10)
    ]
    verdict = compare_with_usual(rejecting(99, {"late": 20, "odd": 1, "no_price": 700, "x": 3}), good)

    assert verdict.new_reasons == {"no_price": 700, "x": 3}
    assert not verdict.is_beyond
    (as_usual, told) = sentences(verdict)
    assert as_usual.startswith("orders is as usual")
    assert told == "rows were rejected for no_price (700), x (3), as in none of the 10 good runs"
    assert short_verdict(verdict) == "new reason of rejection: no_price (700)"


@pytest.mark.parametrize(
    ("before", "now", "new"),
    [
        ({"late": 70}, {"late": 7_000}, {}),
        ({"late": 70}, {"late": 70, "odd": 0}, {}),
        (None, {"late": 70}, {}),  # nobody said why
        ({f"row {number}": 1 for number in range(60)}, {"row 77": 1}, {}),  # not all of them are known
        ({"late": 70}, {"odd": 2}, {"odd": 2}),
    ],
)
def test_a_reason_is_new_where_all_of_the_others_are_known(
    before: dict[str, int] | None, now: dict[str, int], new: dict[str, int]
) -> None:
    verdict = compare_with_usual(rejecting(99, now), [rejecting(number, before) for number in range(4)])
    assert verdict.new_reasons == new
    assert short_verdict(verdict) == ""  # 2 of 7,000 rows are no news in a list


@pytest.mark.parametrize(("count", "is_enough"), [(2, False), (3, True), (25, True)])
def test_three_good_runs_make_a_usual_and_ten_are_enough(count: int, is_enough: bool) -> None:
    verdict = compare_with_usual(run_number(99), good_runs(count))
    assert (verdict.usual is not None, len(verdict.good)) == (is_enough, min(count, 10))
    assert ("2 good runs before this one, and it takes 3" in said(verdict)) is not is_enough


def test_the_usual_is_of_good_earlier_runs_of_the_same_pipeline() -> None:
    run = run_number(5)
    others = [run_number(n) for n in (1, 2)]
    failed = replace(run_number(3), state="failed")
    foreign = replace(run_number(4), pipeline="invoices")
    verdict = compare_with_usual(run, [*others, failed, foreign, run, run_number(6), *others])
    assert [other.id for other in verdict.good] == [other.id for other in others]


def test_many_small_delays_are_the_runs_and_no_steps() -> None:
    run = run_number(99)
    verdict = compare_with_usual(replace(run, seconds=run.seconds * 2), good_runs())
    assert verdict.beyond and not verdict.steps
    assert said(verdict).endswith("No single step stands out.")
    assert short_verdict(verdict).startswith("+")


def test_a_failed_run_is_told_its_slow_steps_alone() -> None:
    failed = replace(run_number(99, late=20.0), state="failed")
    verdict = compare_with_usual(failed, good_runs())
    assert verdict.beyond is None and kinds(verdict) == {JOIN: []}


def test_names_of_strangers_stay_text() -> None:
    run = run_number(99, late=20.0)
    steps = tuple(replace(step, place=("a\x1b[31m", "b\nc", 0)) for step in run.steps[:1])
    verdict = compare_with_usual(replace(run, pipeline="p\x1b", steps=steps), [
        replace(good, pipeline="p\x1b", steps=steps) for good in good_runs()
    ])  # fmt: skip
    assert "\x1b" not in said(verdict)


@pytest.mark.parametrize(
    ("points", "rows", "seconds"),
    [
        ([(100, 2.0), (200, 3.0), (400, 5.0)], 300, 4.0),  # 1 s and 1 s per 100 rows
        ([(100, 2.0), (200, 3.0), (400, 5.0)], 800, 9.0 + 3.0),  # further than seen: three times four
        ([(100, 2.0), (200, 3.0), (400, 5.0), (300, 90.0)], 300, 4.0),  # one wild run
        (
            [(100, 2.0), (110, 2.1), (105, 2.05)],
            50,
            2.05,
        ),  # one size: nothing says that fewer rows are faster
        ([(None, 2.0), (None, 4.0), (None, 3.0)], 10, 3.0),
        ([(100, 2.0), (None, 4.0), (100, 3.0)], 10, 3.0),
        ([(100, 2.0), (200, 1.0), (400, 2.0)], 200, 2.0),  # more rows are not faster
        ([(0, 2.0), (0, 2.0), (0, 2.0)], 0, 2.0),
    ],
)
def test_estimates(points: list[tuple[int | None, float]], rows: int, seconds: float) -> None:
    assert estimate(points, rows).seconds == pytest.approx(seconds, rel=0.05)


def flat(number: int, seconds: float) -> Run:
    start = 1_700_000_000.0 + number
    job = doc("orders", start, start + seconds, annotations={"job_name": "orders"})
    return run_of(Trace(f"1-{int(start):08x}-{number:024x}", (("orders", json.dumps(job)),)))


def test_runs_without_a_length_have_a_usual_too() -> None:
    runs = [*(flat(number, 0) for number in range(4)), flat(9, 100)]
    (slow, *_) = listed(runs[::-1])

    assert slow.note == "slower: orders"
    assert slow.to_json()["beyond_usual"][1] == (
        "orders took 1m 40s: none of what was measured says why (rows, plan, skew, spill, workers, start)."
    )


@pytest.mark.parametrize(("before", "words"), [(0, "0 good runs"), (1, "1 good run"), (2, "2 good runs")])
def test_too_few_runs_are_counted(before: int, words: str) -> None:
    verdict = compare_with_usual(flat(9, 1), [flat(number, 1) for number in range(before)])
    assert list(sentences(verdict)) == [
        f"orders: {words} before this one, and it takes 3 to say what is usual."
    ]


def test_one_core_is_one() -> None:
    cores = "spark.stage.cores.available"
    slow = run_number(20, 5_000, late=30.0, stage={cores: 1})
    lines = list(sentences(compare_with_usual(slow, good_runs(5, stage={cores: 8}))))
    assert lines[1].endswith(": 1 core, usually 8.")


@pytest.mark.parametrize("parent", [lambda n: f"s{n - 1}", lambda n: "s0"], ids=["chain", "siblings"])
def test_a_trace_of_thousands_of_services_is_a_run(parent: Callable[[int], str]) -> None:
    count = 3_000
    documents = [doc(f"s{n}", n, 2 * count - n, parent(n) if n else None) for n in range(count)]
    trace = as_trace(*documents)
    assert trace.tree
    before = time.process_time()
    run = run_of(trace)

    assert run.jobs[-1] == f"s{count - 1}"
    assert time.process_time() - before < 2
