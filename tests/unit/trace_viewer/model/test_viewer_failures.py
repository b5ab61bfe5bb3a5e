# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import pytest

from tests.unit.trace_viewer.documents import as_trace, doc, fails
from trace_viewer import Trace, Tree, build, render_html, render_tree
from trace_viewer.model.failures import Failure, linked_exceptions, user_place


def blamed(tree: Tree) -> Failure:
    assert tree.failure
    return tree.failure


def headline(tree: Tree) -> str:
    exception = blamed(tree).exception
    return exception.headline if exception else ""


def test_nothing_failed() -> None:
    assert build([doc("a", 0, 1)]).failure is None


def test_the_first_cause_is_the_deepest_failure_that_says_why() -> None:
    # Given a step that failed with an exception, in a stage that only says that it failed
    stage = doc("stage", 2, 3, fault=True)
    step = doc("step", 1, 4, **fails("SchemaError", "no column price"), subsegments=[stage])
    tree = build([doc("job", 0, 5, **fails("JobError", "step failed"), subsegments=[step])])
    # Then the step is to blame, and the way there is known
    failure = blamed(tree)
    assert tree.status == "failed"
    assert [node.name for node in failure.path] == ["job", "step"]
    assert failure.exception and failure.exception.headline == "SchemaError: no column price"


def test_a_cause_is_found_below_a_segment_that_does_not_know_of_it() -> None:
    # Given an inferred segment without a fault between the caller and the job
    call = doc("Glue", 1, 8, namespace="aws", fault=True)
    tree = build([
        doc("machine", 0, 9, fault=True, subsegments=[call]),
        doc("Glue", 1, 8, "Glue", id="inferred", inferred=True),
        doc("job", 2, 7, "inferred", **fails("SchemaError", "no column price")),
    ])  # fmt: skip
    assert [node.name for node in blamed(tree).path] == ["machine", "Glue", "job"]


def test_of_several_attempts_the_newest_is_to_blame() -> None:
    first = doc("Process", 1, 2, id="1", **fails("Throttled", "once"))
    second = doc("Process", 3, 4, id="2", **fails("OutOfMemory", "at last"))
    tree = build([doc("machine", 0, 5, fault=True, subsegments=[first, second])])
    assert headline(tree) == "OutOfMemory: at last"


def test_of_different_failures_the_earliest_is_to_blame() -> None:
    cause = doc("Read", 1, 2, **fails("SchemaError", "no column price"))
    effect = doc("Failed", 3, 4, **fails("Error", "pipeline failed"))
    tree = build([doc("m", 0, 5, fault=True, subsegments=[effect, cause])])
    assert blamed(tree).node.name == "Read"


def test_a_failure_that_a_later_attempt_made_good_is_none() -> None:
    first = doc("Process", 1, 2, id="1", **fails("Throttled", "once"))
    second = doc("Process", 3, 4, id="2")
    tree = build([doc("machine", 0, 5, subsegments=[first, second])])
    assert (tree.failure, tree.status) == (None, "ok")


def test_a_failure_that_the_caller_handled_is_none() -> None:
    head = doc("S3", 1, 2, error=True, namespace="aws")
    assert build([doc("function", 0, 5, subsegments=[head])]).failure is None


def test_a_failure_after_the_caller_had_returned_counts() -> None:
    # Given a function that only started the state machine
    tree = build([doc("function", 0, 2), doc("machine", 1, 9, "function", **fails("Error", "failed"))])
    assert (tree.status, blamed(tree).node.name) == ("failed", "machine")


def test_a_failure_below_a_caller_that_is_still_running_counts() -> None:
    tree = build([doc("machine", 0, None), doc("job", 1, 3, "machine", **fails("Error", "failed"))])
    assert blamed(tree).node.name == "job"


def test_an_orphan_that_failed_counts() -> None:
    tree = build([doc("function", 0, 9), doc("job", 1, 3, "gone", **fails("Error", "failed"))])
    assert blamed(tree).node.name == "job"


def test_the_recorded_failure_is_the_stage_of_the_second_attempt(failed: Trace) -> None:
    failure = blamed(failed.tree)
    assert [node.name for node in failure.path][-5:] == [
        "process", "Write Data", "Execution 9: save listings", "Spark job 9", "Stage 21: window and write"
    ]  # fmt: skip
    attempts = sorted(node.start for node in failed.tree.nodes if node.name == "Stage 21: window and write")
    assert failure.node.start == attempts[1]


def chained(*links: tuple[str, str], members: int = 0) -> dict[str, Any]:
    """Return the fields of a failure: exceptions that led to one another, the last one first, and members."""
    told = [
        {"id": f"e{n}", "type": kind, "message": message, "cause": f"e{n + 1}"}
        for n, (kind, message) in enumerate(links)
    ]
    del told[-1]["cause"]
    others = [{"id": f"m{n}", "type": "ValueError", "message": f"part {n}"} for n in range(members)]
    return {"fault": True, "cause": {"exceptions": told + others}}


def test_what_led_to_an_exception_is_shown_to_the_first_cause() -> None:
    links = [("JobError", "step failed"), ("LookupError", "no settings"), ("OSError", "no such file")]
    trace = as_trace(doc("job", 0, 1, **chained(*links)))
    drawn = render_tree(trace, width=80)
    expected = [
        "JobError: step failed",
        "caused by LookupError: no settings",
        "caused by OSError: no such file",
    ]
    assert [line.strip() for line in drawn.splitlines()][2:5] == expected  # in the banner
    assert [line.strip() for line in drawn.splitlines()][-3:] == expected  # and below the step
    page = render_html(trace)
    assert '<p class="why">caused by OSError: no such file</p>' in page
    assert '"as":"caused by","type":"OSError"' in page


def test_the_members_of_a_group_are_shown_and_counted() -> None:
    trace = as_trace(
        doc("job", 0, 1, **chained(("ExceptionGroup", "9 parts failed"), ("E", "first"), members=9))
    )
    lines = [line.strip() for line in render_tree(trace, width=80).splitlines()]
    assert lines[-9:] == [
        "ExceptionGroup: 9 parts failed",
        "caused by E: first",
        *(f"and ValueError: part {n}" for n in range(6)),
        "and 3 more",
    ]
    assert render_html(trace).count('"as":"and"') == 9


def test_of_a_long_chain_the_first_cause_stays() -> None:
    trace = as_trace(doc("job", 0, 1, **chained(*((f"E{n}", "x") for n in range(40)))))
    lines = [line.strip() for line in render_tree(trace, width=80).splitlines()]
    assert lines[-9] == "E0: x"
    assert lines[-8:] == [*(f"caused by E{n}: x" for n in (1, 2, 3, 4, 5, 6, 39)), "and 32 more"]


def test_exceptions_that_caused_each_other_end() -> None:
    fields = chained(("A", "a"), ("B", "b"))
    fields["cause"]["exceptions"][1]["cause"] = "e0"
    node = build([doc("job", 0, 1, **fields)]).root
    assert [(word, item.type) for word, item in linked_exceptions(node)] == [("", "A"), ("caused by", "B")]


@pytest.mark.parametrize(
    ("exceptions", "place"),
    [
        ([{"stack": [("/x/site-packages/a.py", 1), ("/tmp/job.py", 43), ("/tmp/job.py", 9)]}], "job.py:43"),
        ([{"stack": [("Executor.scala", 12)], "message": "no, at /jobs/load.py:14 in load"}], "load.py:14"),
        (
            [{"stack": [("/usr/lib/python3.11/a.py", 2)]}, {"stack": [("/tmp/z.zip/rows/keys.py", 7)]}],
            "keys.py:7",
        ),
        ([{"stack": [("Executor.scala", 12)], "message": "no"}], ""),
    ],
)
def test_the_place_is_a_line_of_ones_own(exceptions: list[dict[str, Any]], place: str) -> None:
    cause = [
        {**item, "stack": [{"path": path, "line": line, "label": "f"} for path, line in item["stack"]]}
        for item in exceptions
    ]
    failure = build([doc("job", 0, 1, fault=True, cause={"exceptions": cause})]).failure
    assert failure and user_place(failure) == place


def test_exceptions_without_a_link_are_told_as_they_are() -> None:
    node = build([doc("job", 0, 1, **chained(("A", "a"), members=1))]).root
    assert [(word, item.type) for word, item in linked_exceptions(node)] == [
        ("", "A"),
        ("and", "ValueError"),
    ]
