# SPDX-License-Identifier: Apache-2.0
"""The report job: counts and averages by neighbourhood and month against numbers worked out by hand."""

from __future__ import annotations

import contextlib
import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import Row, SparkSession

import report_job
from tests.spark.jobs.samples import parquet_rows
from transforms.errors import ArgumentsError, SchemaError

COLUMNS = ("neighbourhood_group", "neighbourhood", "last_review", "price", "cost_per_night",
           "number_of_reviews", "review_rate_number")  # fmt: skip
LISTINGS = (
    ("Brooklyn", "Bushwick", date(2019, 6, 1), Decimal("100.00"), Decimal("120.00"), 50, 5),
    ("Brooklyn", "Bushwick", date(2019, 6, 30), Decimal("201.00"), Decimal("241.00"), 7, 2),
    ("Brooklyn", "Bushwick", date(2019, 7, 1), Decimal("110.00"), Decimal("120.00"), 50, 4),
    ("Brooklyn", "Bushwick", date(2018, 6, 15), Decimal("90.50"), Decimal("100.25"), 0, 1),
    ("Queens", "Bushwick", date(2019, 6, 15), Decimal("1000.00"), Decimal("1200.00"), 9, 3),
)


@pytest.fixture(scope="module")
def processed(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("processed") / "run_id=1" / "listings"
    spark.createDataFrame([Row(**dict(zip(COLUMNS, row, strict=True))) for row in LISTINGS]).write.parquet(
        str(path)
    )
    return path


def _report(listings: Path, target: Path) -> dict[str, Any]:
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        report_job.main([f"--listings_uri=file://{listings}", f"--report_uri=file://{target}"])
    summary: dict[str, Any] = json.loads(printed.getvalue().splitlines()[-1])
    return summary


def test_counts_and_averages(processed: Path, tmp_path: Path) -> None:
    target = tmp_path / "reports" / "a" / "run_id=1"
    assert _report(processed, target) == {"job": "report", "rows_read": 5, "groups": 4}
    rows = parquet_rows(target, "month")
    found = {(row["neighbourhood_group"], row["neighbourhood"], row["month"]): row for row in rows}
    names = ("listings", "avg_price", "avg_cost_per_night", "total_reviews", "avg_review_rate")
    assert {key: tuple(row[name] for name in names) for key, row in found.items()} == {
        ("Brooklyn", "Bushwick", date(2018, 6, 1)): (1, 90.5, 100.25, 0, 1.0),
        ("Brooklyn", "Bushwick", date(2019, 6, 1)): (2, 150.5, 180.5, 57, 3.5),
        ("Brooklyn", "Bushwick", date(2019, 7, 1)): (1, 110.0, 120.0, 50, 4.0),
        ("Queens", "Bushwick", date(2019, 6, 1)): (1, 1000.0, 1200.0, 9, 3.0),
    }


def test_a_second_run_of_the_same_name_replaces_the_first(processed: Path, tmp_path: Path) -> None:
    target = tmp_path / "run_id=1"
    _report(processed, target)
    assert _report(processed, target)["groups"] == 4
    assert len(parquet_rows(target, "month")) == 4


def test_a_missing_column_is_named(spark: SparkSession, tmp_path: Path) -> None:
    spark.createDataFrame([Row(neighbourhood_group="a", neighbourhood="b")]).write.parquet(
        str(tmp_path / "in")
    )
    with pytest.raises(SchemaError, match=r"lacks the columns last_review, .* process_job\.py\?"):
        _report(tmp_path / "in", tmp_path / "out")


def test_a_report_into_its_own_input_is_refused(processed: Path) -> None:
    with pytest.raises(ArgumentsError, match="overlap"):
        _report(processed, processed / "report")
