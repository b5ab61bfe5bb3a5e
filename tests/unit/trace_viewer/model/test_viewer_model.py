# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import pytest

from tests.unit.trace_viewer.documents import as_trace, doc, fails
from trace_viewer import EmptyTraceError, Trace, build
from trace_viewer.model.tree import Tree


def outline(tree: Tree) -> list[str]:
    """Return the tree as one line per node, a dot per level."""
    depth = {tree.root.id: 0}
    for node in tree.nodes[1:]:
        assert node.parent is not None
        depth[node.id] = depth[node.parent.id] + 1
    return [f"{'.' * depth[node.id]}{node.name}" for node in tree.nodes]


def test_documents_in_any_order_make_one_tree() -> None:
    # Given a call chain whose documents arrive last first
    documents = [doc("c", 3, 4, "b"), doc("b", 2, 5, "a"), doc("a", 1, 6), doc("d", 2.5, 2.6, "b")]
    # Then children hang below their callers, by start time
    assert outline(build(documents)) == ["a", ".b", "..d", "..c"]


def test_nested_and_separate_subsegments_are_one_tree() -> None:
    nested = doc("step", 1, 2, subsegments=[doc("query", 1.2, 1.4)])
    separate = doc("upload", 2, 3, "job", type="subsegment")
    tree = build([doc("job", 0, 4, subsegments=[nested]), separate])
    assert outline(tree) == ["job", ".step", "..query", ".upload"]
    assert [node.is_segment for node in tree.nodes] == [True, False, False, False]


def test_a_subsegment_that_is_nested_and_sent_alone_counts_once() -> None:
    step = doc("step", 1, 2, annotations={"rows_read": 5})
    alone = doc("step", 1, 2, "job", type="subsegment", annotations={"rows_clean": 4})
    tree = build([doc("job", 0, 4, subsegments=[step]), alone])
    assert outline(tree) == ["job", ".step"]
    assert tree.nodes[1].annotations == {"rows_read": 5, "rows_clean": 4}


@pytest.mark.parametrize("complete_first", [True, False])
def test_the_complete_document_wins_over_the_one_in_progress(complete_first: bool) -> None:
    progress = doc("job", 0, None, annotations={"run_id": "r1"})
    complete = doc("job", 0, 4, fault=True)
    tree = build([complete, progress] if complete_first else [progress, complete])
    assert (tree.root.end, tree.root.status, tree.root.annotations) == (4, "fault", {"run_id": "r1"})


def test_what_is_in_progress_lasts_until_the_last_known_moment() -> None:
    tree = build([doc("job", 0, None), doc("step", 1, 7, "job")])
    assert (tree.status, tree.root.status, tree.root.duration) == ("running", "running", 7)


def test_an_orphan_hangs_below_the_root_and_is_named() -> None:
    tree = build([doc("a", 0, 5), doc("lost", 1, 2, "gone"), doc("below", 1.5, 1.6, "lost")])
    assert outline(tree) == ["a", ".lost", "..below"]
    assert [node.name for node in tree.orphans] == ["lost"]
    assert tree.problems == ["lost (lost) is shown below the root: its parent gone is not in the trace."]


def test_the_root_is_the_earliest_segment_without_a_parent() -> None:
    tree = build([doc("early orphan", 0, 9, "gone"), doc("second", 2, 3), doc("first", 1, 9)])
    assert tree.root.name == "first"
    assert [node.name for node in tree.orphans] == ["early orphan", "second"]


def test_a_caller_outside_the_trace_is_no_problem_of_the_root() -> None:
    tree = build([doc("a", 0, 5, "0000000000000000"), doc("b", 1, 2, "a")])
    assert (outline(tree), tree.orphans) == (["a", ".b"], [])


def test_parents_in_a_circle_do_not_hang_or_lose_anything() -> None:
    tree = build([doc("a", 0, 5, "b"), doc("b", 1, 4, "a"), doc("self", 2, 3, "self")])
    assert sorted(node.name for node in tree.nodes) == ["a", "b", "self"]


def test_a_chain_of_ten_thousand_calls_is_no_deeper_than_its_tree() -> None:
    chain = [
        doc(f"s{number}", number, 20_000, f"s{number - 1}" if number else None) for number in range(10_000)
    ]
    tree = build(chain)
    assert (len(tree.nodes), tree.nodes[-1].name) == (10_000, "s9999")


def test_inferred_segments_throttles_and_errors_are_read() -> None:
    call = doc("S3", 1, 2, namespace="aws", error=True, throttle=True)
    tree = build(
        [doc("a", 0, 5, subsegments=[call]), doc("S3", 1, 2, "S3", id="i", inferred=True, origin="AWS::S3")]
    )
    assert [(node.inferred, node.status, node.kind) for node in tree.nodes] == [
        (False, "ok", ""),
        (False, "throttle", "AWS SDK call"),
        (True, "ok", "S3"),
    ]


def test_a_cause_that_is_an_id_points_to_the_exception_elsewhere() -> None:
    step = doc("step", 1, 2, **fails("ValueError", "bad price"))
    tree = build([doc("job", 0, 3, fault=True, cause="e-bad price", subsegments=[step])])
    assert tree.root.exceptions[0].headline == "ValueError: bad price"


def test_unusable_documents_are_left_out_and_said() -> None:
    tree = build(
        [doc("a", 0, 1), {"name": "timeless", "id": "2"}, doc("b", 0.5, 0.6, "a", start_time="noon")]
    )
    assert outline(tree) == ["a"]
    assert tree.problems == [
        "A document named 'timeless' has no id or no start_time and is ignored.",
        "A document named 'b' has no id or no start_time and is ignored.",
    ]


@pytest.mark.parametrize(
    "odd",
    [
        {"annotations": "x"},
        {"metadata": [1]},
        {"cause": {"exceptions": "x"}},
        {"cause": {"exceptions": [{"stack": "x", "message": None}, 5]}},
        {"aws": 7},
        {"http": {"request": None}},
        {"subsegments": {"id": 1}},
        {"subsegments": [None, 3]},
        {"name": None},
        {"end_time": "late"},
    ],
)
def test_fields_of_the_wrong_type_do_not_stop_a_page(odd: dict[str, Any]) -> None:
    from trace_viewer import render_html, render_tree, to_otlp, to_perfetto

    trace = as_trace({**doc("a", 0, 1), **odd})
    assert len(trace.tree.nodes) == 1
    for render in (render_tree, render_html, to_otlp, to_perfetto):
        assert render(trace)


def test_no_usable_document_is_an_error() -> None:
    with pytest.raises(EmptyTraceError, match="no segment with an id and a start time"):
        build([])


def test_documents_that_are_not_json_are_left_out_and_said() -> None:
    trace = Trace(
        "1-2-3", (("x", "{broken"), ("y", "[1]"), ("a", '{"id":"a","name":"a","start_time":1}')), 0.0, True
    )
    assert trace.tree.problems == [
        "X-Ray dropped documents: the trace exceeds its size limit.",
        "Document x is not a JSON object and is ignored.",
        "Document y is not a JSON object and is ignored.",
    ]


def test_the_recorded_pipeline_is_one_tree_without_orphans(pipeline: Trace) -> None:
    tree = pipeline.tree
    assert (len(tree.nodes), tree.orphans, tree.problems, tree.status) == (77, [], [], "ok")
    parents = {node.name: node.parent.name for node in tree.nodes if node.parent}
    assert parents["Pipeline"] == "StepFunctions"
    assert parents["clean"] == parents["process"] == "Glue"
    assert parents["Convert Currency"] == "clean"
