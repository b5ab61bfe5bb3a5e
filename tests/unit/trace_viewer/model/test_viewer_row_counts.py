# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import pytest

from tests.unit.trace_viewer.documents import as_trace, doc
from trace_viewer import Trace, build, compare, render_comparison_html, render_tree
from trace_viewer.model.row_counts import rejected_by_reason, row_counts
from trace_viewer.rendering.page.map.build import build_map
from trace_viewer.rendering.page.timeline import page_data


@pytest.mark.parametrize(
    "fields",
    [
        {"metadata": {"default": {"rejected_by_reason": {"a": 1, "b": 2}}}},
        {"metadata": {"default": {"rejected_by_reason": '{"a": 1, "b": 2}'}}},
        {"metadata": {"default": {"rejected_by_reason.a": 1, "rejected_by_reason.b": "2"}}},
        {"annotations": {"rejected_by_reason.a": 1, "rejected_by_reason.b": 2}},
    ],
)
def test_reasons_in_every_form_most_rows_first(fields: dict[str, Any]) -> None:
    node = build([doc("job", 0, 1, **fields)]).root
    assert list(rejected_by_reason(node).items()) == [("b", 2), ("a", 1)]


@pytest.mark.parametrize("broken", ["{", "[1]", 5, None, {"a": "many"}, {"a": True}])
def test_reasons_that_are_none_are_none(broken: object) -> None:
    assert (
        rejected_by_reason(build([doc("j", 0, 1, metadata={"default": {"rejected_by_reason": broken}})]).root)
        == {}
    )


def test_counts_are_numbers_in_flow_order() -> None:
    counts = {"rows_rejected": 2.0, "rows_read": "9", "rows_clean": True, "rows_duplicate": "many", "rows": 4}
    assert row_counts(build([doc("job", 0, 1, annotations=counts)]).root) == {
        "rows_read": 9,
        "rows_rejected": 2,
    }


@pytest.fixture
def foreign() -> Trace:
    """A job of another pipeline: what it loads goes on, what it skips does not."""
    loaded = {"rows_read": 10, "rows_loaded": 7, "rows_skipped": 2, "rows_rejected": 1, "rows_note": "none"}
    reasons = {"default": {"rejected_by_reason.no_key": 1}}
    load = doc("load", 1, 3, "nightly", annotations=loaded, metadata=reasons)
    return as_trace(doc("nightly", 0, 9), load, doc("index", 4, 6, "nightly", annotations={"rows_read": 7}))


def test_any_outcome_is_a_row_count(foreign: Trace) -> None:
    lines = render_tree(foreign).splitlines()
    rows = [row for row in lines if " load " in row or "rejected:" in row]
    assert rows[0].endswith("├ load  10 read → 7 loaded, 2 skipped, 1 rejected")
    assert rows[1].endswith("rejected: no_key 1")
    assert lines[1] == "  rows_note=none"  # no number, so no row count
    data = {row["name"]: row.get("rows") for row in page_data(foreign.tree)["rows"]}
    assert list(data["load"].items()) == [
        ("rows_read", 10), ("rows_loaded", 7), ("rows_skipped", 2), ("rows_rejected", 1),
    ]  # fmt: skip
    assert "<td>loaded</td>" in render_comparison_html(compare(foreign, foreign))


def test_the_first_outcome_goes_on_to_the_next_job(foreign: Trace) -> None:
    flows = [edge for edge in build_map(foreign.tree).edges if edge.rows is not None]
    assert [(edge.source.name, edge.target.name, edge.label) for edge in flows] == [
        ("10 rows read", "load", ""),
        ("load", "2 rows skipped", ""),
        ("load", "1 row rejected", ""),
        ("load", "index", "7 rows"),
    ]


def test_outcomes_of_the_annotations_come_before_those_of_the_metadata() -> None:
    annotations = {"rows_rejected": 1, "rows_clean": 5, "rows_read": 8}
    node = build(
        [doc("job", 0, 1, annotations=annotations, metadata={"default": {"rows_duplicate": 2}})]
    ).root
    assert list(row_counts(node)) == ["rows_read", "rows_clean", "rows_duplicate", "rows_rejected"]


def test_words_of_strangers_are_fit_to_print() -> None:
    drawn = render_tree(as_trace(doc("job", 0, 1, annotations={"rows_\x1b[31m": 1})))
    assert "\x1b" not in drawn
