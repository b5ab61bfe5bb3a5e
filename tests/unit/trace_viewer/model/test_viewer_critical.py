# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from tests.unit.trace_viewer.documents import as_trace, doc
from trace_viewer import Trace, build, render_html, render_tree
from trace_viewer.model.critical import longest, waited
from trace_viewer.model.timing import SILENCE

MACHINE = "AWS::StepFunctions::StateMachine"


def test_work_is_named_after_its_job_and_the_start_of_jobs_is_no_work() -> None:
    states = [doc("Clean Data", 0, 40, id="s1"), doc("Process Data", 40, 100, id="s2")]
    stage = doc("Spark stage 4", 55, 85)
    tree = build([
        doc("flow", 0, 100, origin=MACHINE, subsegments=states),
        doc("clean", 20, 38, "s1", subsegments=[doc("Write Data", 20, 38, id="w1")]),
        doc("process", 50, 90, "s2", subsegments=[doc("Write Data", 50, 90, id="w2", subsegments=[stage])]),
    ])  # fmt: skip
    assert [(held.name, held.seconds, held.times) for held in longest(tree)] == [
        ("process › Spark stage 4", 30, 1),  # noqa: RUF001
        ("clean › Write Data", 18, 1),  # noqa: RUF001
        ("process › Write Data", 10, 1),  # noqa: RUF001
    ]
    assert waited(tree) == 42  # 0..20, 38..40, 40..50, 90..100


def test_attempts_of_one_step_are_counted_together(failed: Trace) -> None:
    first = longest(failed.tree)[0]
    assert (first.name, first.times) == ("process › Stage 21: window and write", 2)  # noqa: RUF001


def test_what_runs_has_run_until_it_was_fetched() -> None:
    documents = [doc("job", 100, None, subsegments=[doc("Read", 100, None)])]
    assert build(documents).root.duration == 0
    tree = build(documents, now=141)
    assert [node.duration for node in tree.nodes] == [41, 41]
    assert build(documents, now=90).root.duration == 0  # a clock of ours that is slow


def test_what_was_silent_for_too_long_ran_until_its_last_sign() -> None:
    documents = [doc("job", 0, None, subsegments=[doc("Read", 0, 54)])]
    assert build(documents, now=54 + SILENCE).root.duration == 54 + SILENCE
    assert build(documents, now=55 + SILENCE).root.duration == 54
    long = [doc("job", 0, None, subsegments=[doc("Read", 0, 4374)])]  # the next sign is due at 13,122 s
    assert build(long, now=13_122).root.duration == 13_122


def test_tree_and_page_say_when_a_running_trace_was_fetched() -> None:
    trace = as_trace(doc("job", 1_700_000_000, None))
    fetched = Trace(trace.id, trace.segments, fetched=1_700_000_041.0)
    assert render_tree(fetched).startswith("… RUNNING  41.0s  2023-11-14 22:13:20 UTC  as of 22:14:01 UTC")
    assert "2023-11-14 22:14:01 UTC" in render_html(fetched)
    assert "as of" not in render_tree(as_trace(doc("job", 1, 2)))
