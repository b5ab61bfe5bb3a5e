# SPDX-License-Identifier: Apache-2.0
"""The comparison itself: what it must see, and what it must not (no binary needed)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.conformance.cases import named_cases
from tests.integration.conformance.compare import Difference, differences
from tests.integration.conformance.random_spans import random_spans
from tests.integration.conformance.run import span_id_of

_DOCUMENT: dict[str, Any] = {
    "id": "53995c3f42cd8ad8",
    "start_time": 1795251600.1234567,
    "cause": {
        "exceptions": [{"id": "aaaaaaaaaaaaaaaa", "cause": "bbbbbbbbbbbbbbbb"}, {"id": "bbbbbbbbbbbbbbbb"}]
    },
    "annotations": {"rows": 5},
    "metadata": {"default": {"text": "", "nothing": None, "flag": True}},
}


def _with(**fields: Any) -> dict[str, Any]:
    return {**_DOCUMENT, **fields}


def test_equal_documents_do_not_differ() -> None:
    assert differences(_DOCUMENT, dict(_DOCUMENT)) == []


@pytest.mark.parametrize(
    "other",
    [
        _with(
            cause={
                "exceptions": [
                    {"id": "cccccccccccccccc", "cause": "dddddddddddddddd"},
                    {"id": "dddddddddddddddd"},
                ]
            }
        ),
        _with(start_time=1795251600.1234570),
        _with(origin=None, namespace="", http={"request": {}}),
    ],
    ids=["ids of exceptions", "half a microsecond", "fields that say nothing"],
)
def test_what_means_nothing_is_passed_over(other: dict[str, Any]) -> None:
    assert differences(_DOCUMENT, other) == []


@pytest.mark.parametrize(
    ("other", "path"),
    [
        (_with(annotations={"rows": 6}), "annotations.rows"),
        (_with(annotations={"rows": "5"}), "annotations.rows"),
        (_with(annotations={"rows": True}), "annotations.rows"),
        (_with(start_time=1795251600.124), "start_time"),
        (_with(metadata={"default": {"text": "", "nothing": None, "flag": 1}}), "metadata.default.flag"),
        (_with(metadata={"default": {"nothing": None, "flag": True}}), "metadata.default.text"),
        (_with(parent_id="70de5b6f19ff9a0a"), "parent_id"),
        (_with(cause={"exceptions": [{"id": "aaaaaaaaaaaaaaaa"}, {"id": "b"}]}), "cause.exceptions[0].cause"),
    ],
)
def test_what_means_something_is_seen(other: dict[str, Any], path: str) -> None:
    assert [difference.path for difference in differences(_DOCUMENT, other)] == [path]


def test_a_missing_document_is_a_difference() -> None:
    assert differences(None, None) == []
    assert differences(None, _DOCUMENT) == [
        Difference(path="(document)", collector="<absent>", ours="a document")
    ]


def test_every_span_has_an_id_of_its_own() -> None:
    spans = [*named_cases(), *random_spans()]

    assert len({name for name, _ in spans}) == len({span_id_of(span) for _, span in spans}) == len(spans)


def test_random_spans_are_the_same_in_every_run() -> None:
    first, second = ([repr(span.to_json()) for _, span in random_spans(50)] for _ in range(2))

    assert first == second
