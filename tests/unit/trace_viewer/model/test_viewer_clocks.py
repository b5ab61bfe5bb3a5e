# SPDX-License-Identifier: Apache-2.0
"""Clocks that disagree, and times in other forms than X-Ray's."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.trace_viewer.documents import as_trace, doc
from trace_viewer import Tree, build, render_html, render_tree, to_otlp, to_perfetto
from trace_viewer.model.times import epoch_seconds

T = 1_700_000_000.0


def times(tree: Tree) -> dict[str, tuple[float, float]]:
    """Return start after the root's and duration, in seconds, by name."""
    return {
        node.name: (round(node.start - tree.root.start, 6), round(node.duration, 6)) for node in tree.nodes
    }


CALLER = doc("caller", T, T + 2)
SKEWED: dict[str, tuple[list[dict[str, Any]], dict[str, tuple[float, float]], str]] = {
    "five seconds behind": (
        [CALLER, doc("callee", T - 5, T - 3.4, "caller")],
        {"caller": (0, 2), "callee": (0.2, 1.6)},
        "callee begins 5.0 s before caller, its caller: their clocks disagree. "
        "It is drawn 5.2 s later, inside of its caller.",
    ),
    "two hours ahead": (
        [CALLER, doc("callee", T + 7200.5, T + 7201, "caller")],
        {"caller": (0, 2), "callee": (0.75, 0.5)},
        "callee begins 7,198.5 s after caller, its caller, had ended: their clocks disagree. "
        "It is drawn 7,199.8 s earlier, inside of its caller.",
    ),
    "longer than its caller": (
        [CALLER, doc("callee", T - 9, T - 5, "caller")],
        {"caller": (0, 2), "callee": (0, 4)},
        "callee begins 9.0 s before caller",
    ),
    "with its own parts": (
        [CALLER, doc("callee", T - 5, T - 4, "caller", subsegments=[doc("query", T - 4.75, T - 4.5)])],
        {"caller": (0, 2), "callee": (0.5, 1), "query": (0.75, 0.25)},
        "callee begins 5.0 s before caller",
    ),
    "with a callee on the same clock": (
        [CALLER, doc("callee", T - 5, T - 4, "caller"), doc("store", T - 4.75, T - 4.5, "callee")],
        {"caller": (0, 2), "callee": (0.5, 1), "store": (0.75, 0.25)},
        "callee begins 5.0 s before caller",
    ),
    "with a callee on its caller's clock": (
        [CALLER, doc("callee", T - 5, T - 4, "caller"), doc("store", T + 0.75, T + 1, "callee")],
        {"caller": (0, 2), "callee": (0.5, 1), "store": (0.75, 0.25)},
        "callee begins 5.0 s before caller",
    ),
    "a minute ahead of a call that has returned": (
        [
            doc("caller", T, T + 2, subsegments=[doc("GET", T + 0.5, T + 1.5, namespace="remote")]),
            doc("callee", T + 61, T + 61.5, "GET"),
        ],
        {"caller": (0, 2), "GET": (0.5, 1), "callee": (0.75, 0.5)},
        "callee begins 59.5 s after GET, its caller, had ended",
    ),
    "of a caller that still runs": (
        [doc("caller", T, None), doc("callee", T - 5, T - 3, "caller")],
        {"caller": (0, 2), "callee": (0, 2)},
        "callee begins 5.0 s before caller",
    ),
}


@pytest.mark.parametrize("case", SKEWED)
def test_a_segment_of_another_clock_is_drawn_inside_its_caller_and_noted(case: str) -> None:
    documents, expected, note = SKEWED[case]
    tree = build(documents)
    assert times(tree) == expected
    (problem,) = tree.problems
    assert problem.startswith(note)


HONEST = {
    "asynchronous work begins after its caller ended": [CALLER, doc("callee", T + 300, T + 400, "caller")],
    "clocks of one data centre": [CALLER, doc("callee", T - 0.4, T + 1, "caller")],
    "a job that Glue starts late": [
        doc("machine", T, T + 4000, subsegments=[doc("Glue", T + 1, T + 2, namespace="aws")]),
        doc("Glue", T + 1, T + 2, "Glue", id="i", inferred=True),
        doc("job", T + 1800, T + 3900, "i"),
    ],
    "Lambda initialises before the invocation": [
        doc("function", T, T + 1, subsegments=[doc("Initialization", T - 8, T - 5)])
    ],
    "an orphan may belong anywhere": [CALLER, doc("lost", T - 60, T - 50, "gone")],
}


@pytest.mark.parametrize("case", HONEST)
def test_times_that_can_be_true_are_drawn_as_they_are(case: str) -> None:
    tree = build(HONEST[case])
    assert all(node.shift == 0 for node in tree.nodes)
    assert not any("clock" in problem for problem in tree.problems)


def test_many_wrong_clocks_are_few_notes() -> None:
    tree = build([CALLER, *(doc(f"callee {n}", T - 60, T - 59, "caller") for n in range(50))])
    assert len(tree.problems) == 4
    assert tree.problems[-1] == "47 more segments are drawn at other times, too."


def test_the_note_is_read_whole_in_the_terminal_and_on_the_page() -> None:
    trace = as_trace(*SKEWED["two hours ahead"][0])
    drawn = render_tree(trace, width=80)
    assert drawn.splitlines()[0].startswith("✓ OK  2.00s")
    words = " ".join(drawn.split())
    assert "note: callee begins 7,198.5 s after" in words and "inside of its caller." in words
    assert "It is drawn 7,199.8 s earlier, inside of its caller." in render_html(trace)


def test_an_export_has_the_times_of_the_documents() -> None:
    trace = as_trace(*SKEWED["five seconds behind"][0])
    spans = [span for item in to_otlp(trace)["resourceSpans"] for span in item["scopeSpans"][0]["spans"]]
    starts = {span["name"]: int(span["startTimeUnixNano"]) for span in spans}
    assert starts == {"caller": int(T) * 10**9, "callee": int(T - 5) * 10**9}


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (T, T),
        (T * 1e3, T),
        (T * 1e6, T),
        (int(T) * 10**9, T),
        ("1700000000", T),
        ("1700000000000", T),
        ("2023-11-14T22:13:20Z", T),
        ("2023-11-14T23:13:20+01:00", T),
        ("2023-11-14 22:13:20", T),
        (0, 0.0),
        (-5, -5.0),
        (True, None),
        ("noon", None),
        ("", None),
        (None, None),
        (float("nan"), None),
        (float("inf"), None),
        (1e300, None),
        (10**400, None),
        ("9" * 400, None),
        ([T], None),
    ],
)
def test_a_time_is_read_in_the_unit_it_was_written_in(value: object, seconds: float | None) -> None:
    assert epoch_seconds(value) == seconds


def test_milliseconds_are_noted() -> None:
    tree = build([doc("browser", T * 1000, (T + 2) * 1000), doc("api", T + 0.5, T + 1, "browser")])
    assert times(tree) == {"browser": (0, 2), "api": (0.5, 0.5)}
    assert tree.problems == ["Times of 1 span are in milliseconds or less, and are read as such."]


def test_an_end_before_its_start_is_noted() -> None:
    tree = build([CALLER, doc("negative", T + 1, T + 0.4, "caller"), doc("zero", T + 1, T + 1, "caller")])
    assert times(tree) == {"caller": (0, 2), "zero": (1, 0), "negative": (1, 0)}
    assert tree.problems == ["By their times, 1 span ended before the start: drawn without a length."]


@pytest.mark.parametrize("start", [-1e15, -5, 0, 1e10, 9.9e10, 1e12, 1e19])
def test_every_era_can_be_drawn(start: float) -> None:
    trace = as_trace(doc("a", start, start + 1), doc("b", start, None, "a"))
    for render in (render_tree, render_html, to_otlp, to_perfetto):
        assert render(trace)
