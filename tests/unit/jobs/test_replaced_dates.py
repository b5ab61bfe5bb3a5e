# SPDX-License-Identifier: Apache-2.0
"""How many dates may become the median."""

from __future__ import annotations

import pytest
from pyspark.sql import DataFrame

from transforms import review_dates
from transforms.errors import InputError
from transforms.review_dates import check_replaced


@pytest.mark.parametrize(
    ("replaced", "clean", "most"),
    [
        ({}, 0, 50),
        ({}, 5, 0),
        ({"missing": 2}, 4, 50),
        ({"missing": 1, "unreadable": 2}, 4, 75),
        ({"missing": 4}, 4, 100),
    ],
)
def test_a_share_that_is_allowed_looks_at_no_row(replaced: dict[str, int], clean: int, most: float) -> None:
    check_replaced(None, replaced, clean=clean, max_percent=most, uri="F")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("replaced", "clean", "most"),
    [({"missing": 1}, 5, 0), ({"missing": 3}, 5, 50), ({"missing": 1, "in_future": 2}, 4, 74.9)],
)
def test_a_larger_share_fails(
    monkeypatch: pytest.MonkeyPatch, replaced: dict[str, int], clean: int, most: float
) -> None:
    def examples(_: DataFrame | None) -> str:
        return "'soon' (id 1, unreadable)"

    monkeypatch.setattr(review_dates, "_examples", examples)
    with pytest.raises(
        InputError, match=rf"^F has \d of {clean} dates in last_review .*_percent {most} allows"
    ):
        check_replaced(None, replaced, clean=clean, max_percent=most, uri="F")  # type: ignore[arg-type]
