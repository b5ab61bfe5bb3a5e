# SPDX-License-Identifier: Apache-2.0
"""What never got an end, and what has no parent."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.trace_viewer.documents import as_trace, doc, fails
from trace_viewer import Tree, build, render_html, render_tree, to_otlp
from trace_viewer.model.document import STATE_MACHINE


def unknown(tree: Tree) -> list[str]:
    return [node.name for node in tree.nodes if node.end_unknown]


@pytest.fixture
def unfinished() -> list[dict[str, Any]]:
    """A request of ten seconds: four subsegments never got an end, one of them has a part that did."""
    handler = doc("handler", 1, None, subsegments=[doc("query", 2, 3), doc("render", 4, None)])
    return [doc("web", 0, 10, subsegments=[handler, doc("log", 8, None), doc("close", 9.5, None, id="c")])]


def test_a_root_that_has_ended_has_ended(unfinished: list[dict[str, Any]]) -> None:
    tree = build(unfinished)
    assert (tree.status, tree.duration) == ("ok", 10)
    assert unknown(tree) == ["handler", "render", "log", "close"]


def test_what_has_no_end_is_drawn_to_its_callers_end_at_most_and_never_critical(
    unfinished: list[dict[str, Any]],
) -> None:
    tree = build(unfinished)
    assert {node.finish for node in tree.nodes if node.end_unknown} == {10}
    assert [node.name for node in tree.nodes if node.on_critical_path] == ["web", "query"]
    # The query was measured, so it is not the request's own time; what nobody measured takes none away.
    assert tree.root.self_intervals == [(0, 2), (3, 10)]
    assert tree.root.critical_intervals == [(0, 2), (3, 10)]


def test_an_unknown_end_is_said_everywhere(unfinished: list[dict[str, Any]]) -> None:
    trace = as_trace(*unfinished)
    rows = render_tree(trace, width=100).splitlines()
    assert rows[0].startswith("✓ OK  10.0s")
    assert [row.split()[0] for row in rows if row.endswith("  end unknown")] == ["unknown"] * 4
    assert render_html(trace).count('"status":"unknown"') == 4
    spans = to_otlp(trace)["resourceSpans"][0]["scopeSpans"][0]["spans"]
    marked = [item["name"] for item in spans if '"aws.xray.end_unknown"' in str(item).replace("'", '"')]
    assert marked == ["handler", "render", "log", "close"]


OVER: dict[str, list[dict[str, Any]]] = {
    "a service whose call has returned": [
        doc("web", 0, 10, subsegments=[doc("GET", 1, 5, namespace="remote")]),
        doc("job", 2, None, "GET"),
    ],
    "a service whose callers have all ended": [doc("web", 0, 10), doc("job", 2, None, "web")],
    "a job that was killed below a state machine": [
        doc("machine", 0, 10, origin=STATE_MACHINE, subsegments=[doc("Glue", 1, 2, namespace="aws")]),
        doc("job", 2, None, "Glue"),
    ],
    "a subsegment of its own document": [doc("web", 0, 10), doc("job", 2, None, "web", type="subsegment")],
    "a subsegment of a segment that is over": [
        doc("web", 0, 10), doc("x", 1, None, "web", subsegments=[doc("job", 2, None)])
    ],
}  # fmt: skip
RUNNING: dict[str, list[dict[str, Any]]] = {
    "the root": [doc("job", 0, None)],
    "a step of a running job": [doc("root", 0, None, subsegments=[doc("job", 1, None)])],
    "a state machine that a function started": [
        doc("function", 0, 1, origin="AWS::Lambda::Function"),
        doc("job", 0.5, None, "function", origin=STATE_MACHINE),
    ],
    "a job that an AWS call started": [
        doc("function", 0, 1, subsegments=[doc("Glue", 0.5, 0.7, namespace="aws")]),
        doc("job", 0.9, None, "Glue"),
    ],
    "what began after its caller's end": [doc("web", 0, 1), doc("job", 3, None, "web")],
    "a job whose caller has not arrived": [doc("web", 0, 10), doc("job", 2, None, "gone")],
    "a service below something that runs": [
        doc("web", 0, None), doc("x", 1, 5, "web"), doc("job", 2, None, "x")
    ],
}  # fmt: skip


@pytest.mark.parametrize("case", OVER)
def test_what_nobody_waits_for_is_over(case: str) -> None:
    tree = build(OVER[case])
    assert ("job" in unknown(tree), tree.status) == (True, "ok")


@pytest.mark.parametrize("case", RUNNING)
def test_what_may_go_on_is_running(case: str) -> None:
    tree = build(RUNNING[case])
    assert (unknown(tree), tree.status) == ([], "running")


def test_a_failure_without_an_end_is_a_failure() -> None:
    tree = build([doc("web", 0, 10, fault=True, subsegments=[doc("x", 1, None, **fails("E", "why"))])])
    assert (tree.status, tree.nodes[1].status, unknown(tree)) == ("failed", "fault", ["x"])


SIBLINGS: dict[str, list[dict[str, Any]]] = {
    "subsegments, and nothing else": [
        doc("one", 1, 2, "gone", type="subsegment"),
        doc("two", 3, 4, "gone", type="subsegment"),
    ],
    "segments, and nothing else": [doc("one", 1, 2, "gone"), doc("two", 3, 4, "gone")],
    "below a root": [
        doc("web", 0, 5),
        doc("one", 1, 2, "gone", type="subsegment"),
        doc("two", 3, 4, "gone", type="subsegment"),
    ],
}


@pytest.mark.parametrize("case", SIBLINGS)
def test_children_of_one_missing_parent_stay_siblings(case: str) -> None:
    trace = as_trace(*SIBLINGS[case])
    tree = trace.tree
    parents = [node.parent for node in tree.nodes if node.name in ("one", "two")]
    assert [parent and (parent.id, parent.name) for parent in parents] == [
        ("gone", "parent not in the trace")
    ] * 2
    assert "parent not in the trace" in render_tree(trace)
    spans = [span for item in to_otlp(trace)["resourceSpans"] for span in item["scopeSpans"][0]["spans"]]
    assert sorted(span["name"] for span in spans if span["name"] != "web") == ["one", "two"]
    assert not any(node.on_critical_path for node in tree.nodes if node.is_missing)


def test_a_missing_parent_below_a_root_is_said_once() -> None:
    assert build(SIBLINGS["below a root"]).problems == [
        "2 spans have the parent gone, which is not in the trace."
    ]
