# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import pytest

from tests.unit.trace_viewer.documents import doc
from trace_viewer import build
from trace_viewer.model.outline import short_name
from trace_viewer.model.row_counts import rejected_by_reason, row_counts
from trace_viewer.model.text import duration, plain


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


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0ms"),
        (0.00004, "0ms"),
        (0.0093, "9.3ms"),
        (0.00996, "10ms"),
        (0.9994, "999ms"),
        (0.9996, "1.00s"),
        (9.994, "9.99s"),
        (9.996, "10.0s"),
        (59.94, "59.9s"),
        (59.96, "1m 00s"),
        (3599.4, "59m 59s"),
        (3599.6, "1h 00m"),
        (90000, "25h 00m"),
    ],
)
def test_durations_never_show_sixty_seconds_or_a_thousand_milliseconds(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


def test_text_of_strangers_stays_on_its_line() -> None:
    assert plain("a\nb\tc\x9b2J\u2028d\u200b") == "a b c�2J�d�"


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("OtelSolutionStack-IngestionFunctionB3E723CC-A34BBC938013A", "IngestionFunction"),
        ("my-team-stack-ApiHandler5E7490E8-qWeRtY123456", "ApiHandler"),
        ("PipelineStateMachine1814BD05-E7CD9C4C833E7", "PipelineStateMachine"),
        ("orders-api", "orders-api"),
        ("api.example.com", "api.example.com"),
        ("listings-3f9a2c71d8e04b56", "listings-3f9a2c71d8e04b56"),
    ],
)
def test_generated_names_are_shortened_and_no_others(name: str, short: str) -> None:
    assert short_name(name) == short
