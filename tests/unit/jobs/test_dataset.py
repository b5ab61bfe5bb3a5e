# SPDX-License-Identifier: Apache-2.0
"""The generated data set, read with Python's own CSV reader."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from demo.dataset import generate
from demo.listing import HEADER

REASONS = {
    "duplicate", "malformed_record", "minimum_nights_out_of_range", "invalid_price", "invalid_service_fee",
    "missing_neighbourhood_group", "missing_neighbourhood", "missing_lat", "missing_long",
    "missing_construction_year", "missing_review_rate_number", "unknown_room_type",
    "invalid_reviews_per_month", "negative_reviews_per_month", "invalid_number_of_reviews",
    "negative_number_of_reviews", "invalid_calculated_host_listings_count",
    "negative_calculated_host_listings_count", "invalid_id", "invalid_lat", "invalid_long",
    "invalid_construction_year", "invalid_review_rate_number", "invalid_instant_bookable",
}  # fmt: skip


def records(path: Path) -> list[list[str]]:
    with path.open(encoding="iso-8859-1", newline="") as file:
        return list(csv.reader(file))


def test_it_holds_every_reason_and_the_rows_that_were_asked_for(tmp_path: Path) -> None:
    made = generate(tmp_path / "a.csv", rows=5000)
    header, *rows = records(tmp_path / "a.csv")
    assert (tuple(header), len(rows)) == (HEADER, 5000)
    assert set(made) == REASONS
    assert made["duplicate"] == 50
    assert sum(made.values()) < 250


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.csv", "b.csv", "c.csv")]
    for path, seed in zip(paths, (7, 7, 8), strict=True):
        generate(path, rows=500, seed=seed)
    first, second, third = (path.read_bytes() for path in paths)
    assert first == second != third


def test_it_is_as_awkward_as_real_data(tmp_path: Path) -> None:
    generate(tmp_path / "a.csv", rows=500)
    text = (tmp_path / "a.csv").read_bytes()
    rows = records(tmp_path / "a.csv")[1:]
    assert sorted({len(row) for row in rows}) == [19, 26, 51]
    assert any("\n" in row[24] for row in rows if len(row) == 26)
    assert any('"' in row[1] for row in rows)
    assert any(row[15].startswith("$1,") for row in rows if len(row) == 26)
    with pytest.raises(UnicodeDecodeError):
        text.decode("utf-8")


def test_too_few_rows_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="400 rows have no room for every fault: ask for 500 or more"):
        generate(tmp_path / "a.csv", rows=400)
