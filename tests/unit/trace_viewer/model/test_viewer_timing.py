# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.trace_viewer.documents import as_trace, doc
from trace_viewer import Trace, build
from trace_viewer.model.progress import jobs
from trace_viewer.model.tree import Tree


def times(tree: Tree, name: str) -> tuple[float, float]:
    node = next(node for node in tree.nodes if node.name == name)
    return node.self_time, node.children_time


def critical(tree: Tree) -> dict[str, list[tuple[float, float]]]:
    return {node.name: node.critical_intervals for node in tree.nodes if node.on_critical_path}


def test_self_time_is_what_no_child_covers() -> None:
    # Given children at 1..3 and 2..5 (they overlap) and one at 8..12 that outlives its parent
    tree = build([doc("a", 0, 10), doc("b", 1, 3, "a"), doc("c", 2, 5, "a"), doc("d", 8, 12, "a")])
    # Then 1..5 and 8..10 are the children's, 0..1 and 5..8 the parent's own
    assert times(tree, "a") == (4, 6)
    assert tree.root.self_intervals == [(0, 1), (5, 8)]


@pytest.fixture
def job_run() -> Tree:
    """A state of 20 s that calls StartJobRun for 1 s, X-Ray's segment for it, and a job from 6 to 18."""
    state = doc("state", 0, 20, subsegments=[doc("call", 1, 2, namespace="aws")])
    shadow = doc("Glue", 1, 2, "call", inferred=True)
    return build([doc("machine", 0, 20, subsegments=[state]), shadow, doc("job", 6, 18, "Glue")])


def test_a_job_that_outlives_the_call_that_started_it_is_not_its_callers_own_time(job_run: Tree) -> None:
    # Then the state's own are 0..1, 2..6 and 18..20, and the call is not hidden by its own shadow
    assert times(job_run, "state") == (7, 13)
    assert times(job_run, "call") == (1, 0)


def test_waiting_for_a_job_to_start_is_the_waiting_states_part_of_the_path(job_run: Tree) -> None:
    path = critical(job_run)
    assert (path["state"], path["Glue"], path["job"]) == ([(0, 1), (2, 6), (18, 20)], [(1, 2)], [(6, 18)])


def test_a_leaf_is_all_its_own_time() -> None:
    assert times(build([doc("a", 2, 5)]), "a") == (3, 0)


def test_the_critical_path_of_steps_in_turn_runs_through_all() -> None:
    tree = build([doc("a", 0, 10), doc("b", 1, 4, "a"), doc("c", 5, 9, "a")])
    assert critical(tree) == {"a": [(0, 1), (4, 5), (9, 10)], "b": [(1, 4)], "c": [(5, 9)]}


def test_of_parallel_children_only_the_last_to_end_is_critical() -> None:
    tree = build([doc("a", 0, 10), doc("fast", 1, 5, "a"), doc("slow", 1, 9, "a")])
    assert critical(tree) == {"a": [(0, 1), (9, 10)], "slow": [(1, 9)]}


def test_work_that_outlives_its_caller_is_on_the_path() -> None:
    # Given a function that starts a state machine and returns: nobody works from 2 to 3
    tree = build([doc("function", 0, 2), doc("call", 1, 2, "function"), doc("machine", 3, 9, "call")])
    assert critical(tree) == {"function": [(0, 1)], "call": [(1, 2)], "machine": [(3, 9)]}


def test_clocks_that_differ_by_milliseconds_do_not_break_the_path() -> None:
    tree = build([doc("a", 0, 10), doc("b", 1, 5.002, "a"), doc("c", 5, 9, "a")])
    assert critical(tree) == {"a": [(0, 1), (9, 10)], "b": [(1, 5)], "c": [(5, 9)]}


def test_a_child_that_ran_beside_the_path_is_not_on_it() -> None:
    tree = build([doc("a", 0, 10), doc("beside", 4, 8, "a"), doc("c", 5, 9, "a")])
    assert "beside" not in critical(tree)


def test_the_path_of_the_recorded_pipeline_leads_through_both_jobs(pipeline: Trace) -> None:
    path = [node.name for node in pipeline.tree.nodes if node.on_critical_path]
    assert {"Pipeline", "clean", "process", "Stage 6: parquet write"} <= set(path)
    assert "Overhead" not in path


@st.composite
def traces(draw: st.DrawFn) -> list[dict[str, object]]:
    """Any tree of up to 30 spans, with any times from 0 to 100."""
    documents = []
    for number in range(draw(st.integers(1, 30))):
        start = draw(st.integers(0, 100))
        parent = {"parent_id": f"s{draw(st.integers(0, number - 1))}"} if number else {}
        end = start + draw(st.integers(0, 100))
        documents.append(
            {"id": f"s{number}", "name": f"s{number}", "start_time": start, "end_time": end, **parent}
        )
    return documents


@given(traces())
def test_times_add_up_in_any_trace(documents: list[dict[str, Any]]) -> None:
    tree = build(documents)
    assert len(tree.nodes) == len(documents)
    for node in tree.nodes:
        assert node.self_time + node.children_time == pytest.approx(node.duration)
    # The path never counts a moment twice, and never one outside a span that it names.
    path = sorted((start, end) for node in tree.nodes for start, end in node.critical_intervals)
    assert all(before[1] <= after[0] for before, after in pairwise(path))
    for node in tree.nodes:
        assert all(node.start <= start < end <= node.finish for start, end in node.critical_intervals)
    assert max(node.finish for node in tree.nodes if node.on_critical_path) == tree.end


def executor(start: float, end: float) -> dict[str, Any]:
    """Return the life of an executor, beside the steps of a job."""
    facts = {"default": {"spark.executor.id": "1", "spark.executor.cores": 4}}
    return doc("Spark executor 1", start, end, "job", type="subsegment", metadata=facts, id="executor")


def test_an_executors_life_is_no_work() -> None:
    step = doc("Read", 0.0, 4.0, "job", type="subsegment")
    without = as_trace(doc("job", 0.0, 10.0), step).tree
    beside = as_trace(doc("job", 0.0, 10.0), step, executor(0.0, 10.0)).tree

    assert beside.root.self_time == without.root.self_time == 6.0
    assert [node.name for node in beside.nodes if node.on_critical_path] == ["job", "Read"]
    assert jobs(beside)[0].begun == 1
