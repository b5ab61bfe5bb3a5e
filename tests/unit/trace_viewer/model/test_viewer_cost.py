# SPDX-License-Identifier: Apache-2.0
"""What runs cost, against sums made by hand from AWS's price list: DPU x seconds / 3600 x price."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.trace_viewer.documents import as_trace, doc
from trace_viewer import render_tree
from trace_viewer.history.runs import run_of
from trace_viewer.model.cost import run_cost
from trace_viewer.model.cost_words import cost_json, cost_words
from trace_viewer.model.prices import PRICES_VARIABLE, WORKERS
from trace_viewer.rendering.page.trace_page import render_html

# Type, workers, seconds, DPU of a worker and US dollars of the run, us-east-1, by hand: for example
# 10 x G.1X for 15 minutes: 10 x 900 / 3600 x 0.44 = 1.10.
BY_HAND = [
    ("G.025X", 4, 3_600, 0.25, 0.44),
    ("G.1X", 10, 900, 1, 1.10),
    ("G.2X", 10, 900, 2, 2.20),
    ("G.4X", 2, 1_800, 4, 1.76),
    ("G.8X", 2, 90, 8, 0.176),
    ("G.12X", 5, 720, 12, 5.28),
    ("G.16X", 3, 300, 16, 1.76),
    ("R.1X", 10, 900, 1, 1.30),
    ("R.2X", 2, 1_800, 2, 1.04),
    ("R.4X", 3, 600, 4, 1.04),
    ("R.8X", 2, 225, 8, 0.52),
    ("Standard", 6, 900, 1, 0.66),
]
TRACE = 5 / 1_000_000
RUN = "jr_1"


def job(
    seconds: float = 900, *, workers: tuple[str, int] | None = ("G.1X", 10), name: str = "job", **more: Any
) -> dict[str, Any]:
    """A job's segment, as the library sends it; ``more`` are further attributes."""
    facts: dict[str, Any] = {"otel.resource.aws.glue.job.run_id": more.pop("run_id", RUN)}
    if workers:
        facts |= {"aws.glue.job.worker_type": workers[0], "aws.glue.job.number_of_workers": workers[1]}
    attributes = {key.replace("__", "."): value for key, value in more.pop("facts", {}).items()}
    aws = {"region": more.pop("region", "us-east-1")}
    return doc(name, 0.0, seconds, metadata={"default": facts | attributes}, aws=aws, **more)


def run(kind: str, count: int, seconds: int, **more: Any) -> dict[str, Any]:
    """What GetJobRun answers."""
    return {
        "WorkerType": kind,
        "NumberOfWorkers": count,
        "ExecutionTime": seconds,
        "GlueVersion": "5.1",
        "CompletedOn": 1,
        **more,
    }


def glue_usd(*documents: dict[str, Any], runs: dict[str, Any] | None = None) -> float:
    cost = run_cost(as_trace(*documents).tree, runs)
    assert cost is not None
    return sum(one.usd for one in cost.jobs)


def test_every_type_of_worker_is_computed_by_hand() -> None:
    assert {row[0] for row in BY_HAND} == WORKERS.keys()


@pytest.mark.parametrize(("kind", "count", "seconds", "dpu", "usd"), BY_HAND)
def test_a_run_as_billed(kind: str, count: int, seconds: int, dpu: float, usd: float) -> None:
    cost = run_cost(as_trace(job(seconds)).tree, {RUN: run(kind, count, seconds)})
    assert cost is not None
    (one,) = cost.jobs

    assert one.dpu_seconds == dpu * count * seconds
    assert one.usd == pytest.approx(usd)
    assert cost.is_exact


@pytest.mark.parametrize(("kind", "count", "seconds", "dpu", "usd"), BY_HAND)
def test_a_run_by_its_own_clock(kind: str, count: int, seconds: int, dpu: float, usd: float) -> None:
    document = job(seconds - 0.4, workers=(kind, count))  # Glue bills whole seconds

    assert glue_usd(document) == pytest.approx(usd)


@pytest.mark.parametrize("seconds", [1, 59, 60])
def test_a_minute_at_least(seconds: int) -> None:
    assert glue_usd(job(seconds), runs={RUN: run("G.1X", 2, seconds)}) == pytest.approx(2 * 60 / 3600 * 0.44)
    assert glue_usd(job(seconds, workers=("G.1X", 2))) == pytest.approx(2 * 60 / 3600 * 0.44)


@pytest.mark.parametrize("end", [900.0, None])
def test_a_job_whose_cost_is_not_known_makes_the_sum_a_least(end: float | None) -> None:
    other = doc("load", 100.0, end, "job", annotations={"job_name": "load"})
    cost = run_cost(as_trace(job(), other).tree, {RUN: run("G.1X", 10, 900)})
    assert cost is not None

    assert not cost.is_exact
    assert cost_words(cost).startswith("at least $1.10 (10 x G.1X); 1 more job not known")
    plain = run_cost(as_trace(job(), doc("web", 1.0, 2.0, "job")).tree, {RUN: run("G.1X", 10, 900)})
    assert plain is not None and plain.is_exact  # no job, whatever it is


def test_a_run_that_never_ran_is_not_billed() -> None:
    assert glue_usd(job(), runs={RUN: run("G.1X", 2, 0)}) == 0


@pytest.mark.parametrize(("capacity", "usd"), [(0.0625, 0.0625 * 0.44), (1.0, 0.44)])
def test_a_python_shell_job(capacity: float, usd: float) -> None:
    told = {"MaxCapacity": capacity, "ExecutionTime": 3600, "CompletedOn": 1}

    assert glue_usd(job(workers=None), runs={RUN: told}) == pytest.approx(usd)
    own = job(3600, workers=None, facts={"aws__glue__job__max_capacity": capacity})
    assert glue_usd(own) == pytest.approx(usd)


def test_what_glue_adds_up_itself_is_taken() -> None:
    """Auto scaling, and the flexible class at its own price: 5,000 DPU-seconds."""
    scaled = run("G.2X", 10, 900, DPUSeconds=5_000.0)

    assert glue_usd(job(), runs={RUN: scaled}) == pytest.approx(5_000 / 3600 * 0.44)
    flexible = scaled | {"ExecutionClass": "FLEX"}
    assert glue_usd(job(), runs={RUN: flexible}) == pytest.approx(5_000 / 3600 * 0.29)
    by_itself = job(facts={"aws__glue__job__execution_class": "FLEX"})
    assert glue_usd(by_itself) == pytest.approx(10 * 900 / 3600 * 0.29)


def test_a_run_that_is_not_over_for_glue_is_told_by_the_job() -> None:
    unfinished = {name: value for name, value in run("G.1X", 10, 0).items() if name != "CompletedOn"}
    cost = run_cost(as_trace(job()).tree, {RUN: unfinished})
    assert cost is not None

    assert cost.jobs[0].usd == pytest.approx(1.10)
    assert not cost.is_exact


def test_the_lives_of_executors_decide_where_glue_scales_and_says_nothing() -> None:
    """G.1X: the driver's worker for 900 s, and two of 300 s with 4 cores each: 1,500 DPU-seconds."""
    facts = {"spark__executors__dynamic_allocation": True, "spark__executors__core_seconds": 2 * 300 * 4}

    assert glue_usd(job(facts=facts)) == pytest.approx(1_500 / 3600 * 0.44)


def test_glue_6_costs_less() -> None:
    assert glue_usd(job(), runs={RUN: run("G.1X", 10, 900, GlueVersion="6.0")}) == pytest.approx(1.10 * 0.7)
    assert glue_usd(job(facts={"spark__version": "4.1.1-amzn-0"})) == pytest.approx(1.10 * 0.7)
    assert glue_usd(job(facts={"spark__version": "3.5.6-amzn-1"})) == pytest.approx(1.10)


def test_each_attempt_is_billed_once_also_one_that_failed() -> None:
    failed = job(run_id="jr_1", name="one", fault=True)
    again = job(run_id="jr_2", name="two")
    seen_twice = job(run_id="jr_2", name="three")

    assert glue_usd(failed, again, seen_twice) == pytest.approx(2 * 1.10)


def test_idle_cores_have_a_price() -> None:
    """9 executors of 4 cores for 900 s offer 32,400 core-seconds; a third of them worked."""
    facts = {"spark__executors__core_seconds": 32_400.0, "spark__executor__run_time_ms": 10_800_000}
    cost = run_cost(as_trace(job(facts=facts)).tree)
    assert cost is not None

    assert cost.idle_usd == pytest.approx(21_600 / 4 / 3600 * 0.44)


@pytest.mark.parametrize(
    "document",
    [
        job(workers=None),
        job(workers=("X.9X", 2)),
        job(region="mars-north-1"),
        doc("running", 0.0, None, metadata=job()["metadata"], aws={"region": "us-east-1"}),
    ],
    ids=["no workers", "an unknown type", "an unknown region", "still running"],
)
def test_what_is_not_known_is_not_said(document: dict[str, Any]) -> None:
    trace = as_trace(document)

    assert run_cost(trace.tree) is None
    assert cost_words(trace.cost) == ""
    assert cost_json(trace.cost) == {}
    assert "cost" not in render_tree(trace)


def test_prices_may_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PRICES_VARIABLE, "dpu=1.0, m_dpu=2, flex=nonsense")
    assert glue_usd(job()) == pytest.approx(2.50)
    monkeypatch.setenv(PRICES_VARIABLE, "dpu=1.0,m_dpu=2,flex=0.5")
    assert glue_usd(job(region="mars-north-1")) == pytest.approx(2.50)


def test_steps_share_the_price_of_their_job() -> None:
    trace = as_trace(job(), doc("Read", 0.0, 450.0, "job", type="subsegment"))
    cost = trace.cost
    assert cost is not None
    step = next(node for node in trace.tree.nodes if node.name == "Read")

    assert cost.part_usd(step.segment.id, step.duration) == pytest.approx(0.55)
    assert cost.part_usd("job", 90.0) == pytest.approx(0.11)
    assert cost.part_usd("another", 90.0) is None
    (told,) = cost_json(cost)["Cost"]["Jobs"]
    assert told["Steps"] == [{"Step": "Read", "SegmentId": "Read", "USD": 0.55}]


def test_shares_of_other_services() -> None:
    """A standard workflow of three states has four transitions, with its start; a trace is one recorded."""
    machine = doc("Pipeline", 0.0, 900.0, origin="AWS::StepFunctions::StateMachine")
    states = [
        doc(name, 0.0, 450.0, "Pipeline", type="subsegment") for name in ("Clean", "Process", "Succeed")
    ]
    cost = run_cost(as_trace(machine, *states, job(parent="Clean")).tree)
    assert cost is not None

    assert cost.shares == pytest.approx({"X-Ray": TRACE, "Step Functions": 4 * 0.025 / 1_000})
    assert cost.usd == pytest.approx(1.10 + TRACE + 4 * 0.025 / 1_000)


def test_branches_and_retries_are_transitions() -> None:
    """By hand: the start, Both, its branches Left and Clean, and two more attempts of Clean: six."""
    call: dict[str, Any] = {"namespace": "aws", "aws": {"operation": "StartJobRun"}}
    attempts = [doc("Glue", n, n + 0.5, id=f"call{n}", fault=n < 2, **call) for n in range(3)]
    states = [doc("Left", 0.0, 1.0), doc("Clean", 0.0, 900.0, subsegments=attempts)]
    both = doc("Both", 0.0, 900.0, subsegments=states)
    machine = doc("Flow", 0.0, 900.0, origin="AWS::StepFunctions::StateMachine", subsegments=[both])
    cost = run_cost(as_trace(machine, job(parent="call2")).tree)
    assert cost is not None

    assert cost.shares["Step Functions"] == pytest.approx(6 * 0.025 / 1_000)


def test_terminal_and_page_say_it() -> None:
    trace = as_trace(job())

    assert "cost at least $1.10 (10 x G.1X)" in render_tree(trace)
    assert "at least $1.10 (10 x G.1X)" in render_html(trace)


def test_what_glue_told_is_said_without_a_doubt() -> None:
    trace = as_trace(job())
    trace.job_runs[RUN] = run("G.1X", 10, 960)

    assert "cost $1.17 (10 x G.1X)" in render_tree(trace)


def test_a_finding_and_a_listed_run_have_their_price() -> None:
    """A longest task 2.593 s longer than the median one, of 60 billed seconds: 600 / 3600 x 0.44."""
    stage = {"spark.stage.id": 4, "spark.stage.tasks": 4}
    stage |= {"spark.stage.task.max_ms": 2_860, "spark.stage.task.p50_ms": 267}
    slow = doc("Spark stage 4", 2.0, 6.0, "job", type="subsegment", metadata={"default": stage})
    trace = as_trace(job(20), slow)
    usd = 600 / 3600 * 0.44

    (found,) = (one for one in trace.findings.found if one.kind == "skew")
    assert found.usd == pytest.approx(usd * 2.593 / 60)
    assert run_of(trace).usd == pytest.approx(usd + TRACE)


def test_a_finding_costs_what_can_be_read() -> None:
    """Ten seconds of a small shell job: 10 / 3600 x 0.0625 x 0.44."""
    slow = {"spark.stage.tasks": 8, "spark.stage.task.max_ms": 10_100, "spark.stage.task.p50_ms": 100}
    stage = doc("Spark stage 1", 1.0, 80.0, "job", type="subsegment", metadata={"default": slow})
    page = render_html(
        as_trace(job(100, workers=None, facts={"aws__glue__job__max_capacity": 0.0625}), stage)
    )

    assert "$0.000076" in page
    assert "$0.0001" not in page.partition("</section>")[0]


@pytest.mark.parametrize(("offered", "is_said"), [(7_200, True), (36_001, False)])
def test_cores_that_nobody_paid_for_are_not_idle(offered: float, is_said: bool) -> None:
    """Ten workers of four cores for 900 s are 36,000 core-seconds."""
    own = job(facts={"spark__executors__core_seconds": offered, "spark__executor__run_time_ms": 0})
    assert ("idle cores" in cost_words(run_cost(as_trace(own).tree))) is is_said


def test_no_workers_are_no_price() -> None:
    assert run_cost(as_trace(job(workers=("G.1X", 0))).tree) is None
