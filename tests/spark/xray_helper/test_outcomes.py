# SPDX-License-Identifier: Apache-2.0
"""What is said about lazy steps: never anything wrong, and "unknown" only where it has to be."""

from __future__ import annotations

import pytest

from tests.spark.xray_helper.all_pipelines import NAMES
from tests.spark.xray_helper.event_log import EventLog
from tests.spark.xray_helper.scenery import PIPELINES
from tests.spark.xray_helper.traces import Trace

CLAIMS = [(name, step) for name in NAMES for step in PIPELINES[name].truth]


@pytest.mark.parametrize(("name", "step"), CLAIMS)
def test_no_claim_is_wrong(name: str, step: str, traces: dict[str, Trace]) -> None:
    pipeline = PIPELINES[name]
    outcome = _outcome(traces, name, step)

    if step in pipeline.must_know:
        assert outcome == pipeline.truth[step]
    else:
        assert outcome in {pipeline.truth[step], "unknown"}


def _outcome(traces: dict[str, Trace], name: str, step: str) -> str:
    """Return what a step says; nothing, where it ran something itself, is as good as "unknown"."""
    return str(traces[name].steps[step]["attributes"].get("spark.step.outcome", "unknown"))


# Steps that showed nothing, or not for the sake of an outcome: what they made did run, found out by hand.
ALSO_EXECUTED = {
    "adaptive_skew": {"Join"},
    "broadcast_join": {"Join"},
    "checkpoint": {"Checkpoint"},
    "duplicates": {"Before"},
    "grouped_map": {"Groups"},
    "measured_rows": {"Read", "Filter", "Widen", "Keep", "Join"},
    "measured_time": {"Read", "Count"},
    "nested_steps": {"Outer"},
    "rows_that_nobody_knows": {"Cut", "Store", "Few"},
    "sort": {"Read"},
    "sort_merge_join": {"Join"},
    "useless_sort": {"Before"},
    "write_parquet": {"Read"},
}


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("script_")])
def test_nothing_else_is_claimed(name: str, traces: dict[str, Trace]) -> None:
    said = {
        step: span["attributes"]["spark.step.outcome"]
        for step, span in traces[name].steps.items()
        if "spark.step.outcome" in span["attributes"] and step not in PIPELINES[name].truth
    }
    ran = ALSO_EXECUTED.get(name.removesuffix("_unshown"), set()) | {"Read it"}

    assert set(said.values()) <= {"executed", "unknown"}
    assert {step for step, outcome in said.items() if outcome == "executed"} <= ran


@pytest.mark.parametrize(("name", "step"), CLAIMS)
def test_named_stages_are_stages_that_ran(
    name: str, step: str, traces: dict[str, Trace], log: EventLog
) -> None:
    """One of a few milliseconds has no span of its own."""
    trace = traces[name]
    ran = {number for job in trace.spark_jobs for number, _ in log.stages_of(job)}

    assert set(trace.steps[step]["attributes"].get("spark.step.stages", [])) <= ran


def test_few_outcomes_stay_unknown(traces: dict[str, Trace], record_property: object) -> None:
    outcomes = [_outcome(traces, name, step) for name, step in CLAIMS]

    print(f"{outcomes.count('unknown')} of {len(outcomes)} outcomes are unknown")
    assert outcomes.count("unknown") <= 40


def test_an_inlined_step_says_into_which(traces: dict[str, Trace]) -> None:
    def into(name: str, step: str) -> str:
        return str(traces[name].steps[step]["attributes"]["spark.step.inlined_into"])

    assert into("inlined_column", "Hash") == "Concat"
    assert into("column_inside_a_filter", "Double") == "Filter"
    assert into("drop", "Drop") == "Scan csv"


def test_eliminated_columns_are_named(traces: dict[str, Trace]) -> None:
    steps = traces["dead_column"].steps

    assert steps["Dead"]["attributes"]["spark.step.columns.eliminated"] == ["dead"]
    assert "spark.step.columns.eliminated" not in steps["Sum"]["attributes"]


def test_a_window_ran_in_the_stage_after_the_exchange(traces: dict[str, Trace]) -> None:
    steps = traces["window"].steps
    cast = steps["Cast"]["attributes"]["spark.step.stages"]
    rank = steps["Rank"]["attributes"]["spark.step.stages"]

    assert len(cast) == len(rank) == 1
    assert cast < rank
    assert steps["Hash"]["attributes"]["spark.step.stages"] == rank
