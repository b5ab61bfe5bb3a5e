# SPDX-License-Identifier: Apache-2.0
"""The real collector's documents and ours, for every span that is known to matter and 1,000 others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.integration.conformance.report import compare_all, stale, unexplained, write

_LEAST_SHARE = (
    0.75  # of spans that no known difference touches; keeps explanations from eating the comparison
)


@pytest.fixture(scope="module")
def result(otelcol: Path) -> dict[str, Any]:
    compared = compare_all(otelcol)
    write(compared)
    return compared


def test_every_difference_is_explained(result: dict[str, Any]) -> None:
    assert unexplained(result) == []


def test_no_explanation_is_stale(result: dict[str, Any]) -> None:
    assert stale(result) == set()


def test_the_comparison_compares_something(result: dict[str, Any]) -> None:
    total = result["spans"]["named"] + result["spans"]["random"]

    assert result["spans"]["random"] == 1_000
    assert result["documents"] >= total - len(result["dropped_by_collector"])
    assert result["identical"]["direct"] >= _LEAST_SHARE * total


def test_only_numbers_that_json_does_not_have_are_dropped(result: dict[str, Any]) -> None:
    assert sorted(result["dropped_by_collector"]) == [
        "annotation -inf",
        "annotation inf",
        "annotation nan",
        "metadata -inf",
        "metadata inf",
        "metadata nan",
    ]
