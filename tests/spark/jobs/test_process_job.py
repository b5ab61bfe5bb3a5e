# SPDX-License-Identifier: Apache-2.0
"""The process job: costs, ranks and the summary of neighbourhoods against numbers worked out by hand."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import clean_job
import process_job
import pytest
from pyspark.sql import Row, SparkSession, Window
from pyspark.sql import functions as fn

from tests.listing import csv_line, header_line
from tests.spark.jobs.samples import Run, parquet_rows
from transforms.errors import ConservationError, InputError, SchemaError
from transforms.ranks import add_dense_rank

Place = Callable[..., Path]
Clean = Callable[..., Run]
Process = Callable[[Path], tuple[dict[str, Any], Path]]

# id, group, neighbourhood, price, service fee, nights, reviews, rate
LISTINGS = (
    (1, "Brooklyn", "Bushwick", "$100 ", "$20 ", 2, 50, 5),
    (2, "Brooklyn", "Bushwick", "$200 ", "$40 ", 3, 7, 3),
    (3, "Brooklyn", "Bushwick", "$110 ", "$10 ", 1, 50, 4),
    (4, "Queens", "Astoria", "$200 ", "$40 ", 30, 9, 2),
    (5, "Queens", "Astoria", "$90.50 ", "$9.75 ", 5, 0, 1),
    (6, "Queens", "Bushwick", "$1,000 ", "$200 ", 1, 7, 5),
)


@pytest.fixture(scope="module")
def processed(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """The summary and the output for ``LISTINGS``, through both jobs."""
    root = tmp_path_factory.mktemp("processed")
    lines = [
        csv_line(id=str(number), lat=str(number), neighbourhood_group=group, neighbourhood=neighbourhood,
                 price=price, service_fee=fee, minimum_nights=str(nights), number_of_reviews=str(reviews),
                 review_rate_number=str(rate))
        for number, group, neighbourhood, price, fee, nights, reviews, rate in LISTINGS
    ]  # fmt: skip
    (root / "a.csv").write_text("\n".join([header_line(), *lines]))
    clean, rejected, output = (root / name / "run_id=1" for name in ("clean", "rejected", "processed"))
    inputs = [f"--input_uri=file://{root}/a.csv", f"--rejected_uri=file://{rejected}"]
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        clean_job.main([*inputs, f"--clean_uri=file://{clean}"])
        process_job.main([f"--clean_uri=file://{clean}", f"--processed_uri=file://{output}"])
    return json.loads(printed.getvalue().splitlines()[-1]), output


def test_costs_and_ranks(processed: tuple[dict[str, Any], Path]) -> None:
    rows = parquet_rows(processed[1] / "listings", "id")
    names = ("cost_per_night", "minimum_total_spend", "exp_rank_per_neighbourhood", "exp_rank_overall",
             "rank_overall_reviews", "prop_rank_exp", "prop_rank_review")  # fmt: skip
    assert [tuple(row[name] for name in names) for row in rows] == [
        (Decimal("120.00"), Decimal("240.00"), 3, 3, 1, "3/6", "1/6"),
        (Decimal("240.00"), Decimal("720.00"), 2, 2, 3, "2/6", "3/6"),
        (Decimal("120.00"), Decimal("120.00"), 3, 3, 1, "3/6", "1/6"),
        (Decimal("240.00"), Decimal("7200.00"), 1, 2, 2, "2/6", "2/6"),
        (Decimal("100.25"), Decimal("501.25"), 2, 4, 4, "4/6", "4/6"),
        (Decimal("1200.00"), Decimal("1200.00"), 1, 1, 3, "1/6", "3/6"),
    ]
    assert {row["host_name"] for row in rows} == {"Elise"}  # the clean columns are still there


def test_small_data_is_processed_in_few_spark_jobs(
    spark: SparkSession, processed: tuple[dict[str, Any], Path], process: Callable[[Path], Any]
) -> None:
    scheduler: Any = spark.sparkContext._jsc.sc().dagScheduler()
    before = scheduler.numTotalJobs()
    process(processed[1].parents[1] / "clean" / "run_id=1")
    # The schema, the number of rows, three broadcasts of ranks, and two data sets.
    assert scheduler.numTotalJobs() - before == 7


def test_neighbourhoods(processed: tuple[dict[str, Any], Path]) -> None:
    order = ("neighbourhood_group", "neighbourhood")
    rows = parquet_rows(processed[1] / "neighbourhoods", *order)
    assert rows == [
        {"neighbourhood_group": "Brooklyn", "neighbourhood": "Bushwick",
         "listings": 3, "avg_cost_per_night": 160.0,
         "median_cost_per_night": 120.0, "total_reviews": 107, "avg_review_rate": 4.0},
        {"neighbourhood_group": "Queens", "neighbourhood": "Astoria",
         "listings": 2, "avg_cost_per_night": 170.125,
         "median_cost_per_night": 170.125, "total_reviews": 9, "avg_review_rate": 1.5},
        {"neighbourhood_group": "Queens", "neighbourhood": "Bushwick",
         "listings": 1, "avg_cost_per_night": 1200.0,
         "median_cost_per_night": 1200.0, "total_reviews": 7, "avg_review_rate": 5.0},
    ]  # fmt: skip


def test_the_summary_says_what_was_written(processed: tuple[dict[str, Any], Path]) -> None:
    assert processed[0] == {"job": "process", "rows_clean": 6, "neighbourhoods": 3}


def test_no_listing_at_all(clean: Clean, process: Process, place: Place) -> None:
    summary, output = process(clean(place([csv_line(price="")])).clean)
    assert summary == {"job": "process", "rows_clean": 0, "neighbourhoods": 0}
    for name in ("listings", "neighbourhoods"):
        assert parquet_rows(output / name) == []
        assert list((output / name).glob("*.parquet"))  # the schema is there


def test_a_value_that_all_lack_ranks_first(spark: SparkSession) -> None:
    rows = spark.createDataFrame([("a", None), ("b", None)], "name string, value int")
    assert {row["rank"] for row in add_dense_rank(rows, "rank", by="value").collect()} == {1}


def test_a_rank_needs_no_window_over_the_rows(spark: SparkSession) -> None:
    """The rows themselves never pass a window: it is below an aggregation to distinct values."""
    rows = spark.range(100).selectExpr("id", "id % 7 AS value", "id % 2 AS part")
    for within in ([], ["part"]):
        ranked: Any = add_dense_rank(rows, "rank", by="value", within=within)
        plan = ranked._jdf.queryExecution().optimizedPlan().toString()
        window = plan.index("Window")
        assert "Aggregate" in plan[window:]
        assert "id#" not in plan[window:].split("Aggregate")[0]


def test_a_missing_place_is_named(spark: SparkSession, process: Process, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"clean does not exist: it was never there, or was deleted before"):
        process(tmp_path / "clean")


def test_a_run_that_did_not_come_to_its_end_is_not_read(
    spark: SparkSession, process: Process, tmp_path: Path
) -> None:
    (tmp_path / "clean").mkdir()
    with pytest.raises(
        InputError, match="clean has no _SUCCESS: the run that should have written it did not"
    ):
        process(tmp_path / "clean")


def test_rows_of_another_run_are_not_read(clean: Clean, process: Process, place: Place) -> None:
    written = clean(place([csv_line()])).clean
    (part,) = written.glob("part-*.parquet")
    (written / "run_id=2").mkdir()
    (written / "run_id=2" / part.name).write_bytes(part.read_bytes())
    with pytest.raises(InputError) as told:
        process(written)
    assert str(told.value) == (
        f"file://{written} holds run_id=2, which its run has not written: "
        "move it away, and start this run again."
    )


def test_data_of_another_kind_is_refused(spark: SparkSession, process: Process, tmp_path: Path) -> None:
    spark.range(3).write.parquet(str(tmp_path / "clean"))
    with pytest.raises(
        SchemaError, match=r"clean lacks the columns name, host_name, .*: is it the output of"
    ):
        process(tmp_path / "clean")


def test_listings_that_vanish_fail_the_job(
    monkeypatch: pytest.MonkeyPatch, clean: Clean, process: Process, place: Place
) -> None:
    def lose_all(rows: Any, *_: Any, **__: Any) -> Any:
        return (
            rows.limit(0)
            .withColumn("exp_rank_overall", rows["id"])
            .withColumn("rank_overall_reviews", rows["id"])
        )

    monkeypatch.setattr(process_job, "add_dense_rank", lose_all)
    with pytest.raises(ConservationError, match="1 rows were read, but 0 written and 0 duplicates"):
        process(clean(place([csv_line()])).clean)


def test_ranks_are_those_of_sparks_dense_rank(spark: SparkSession) -> None:
    """On many values with ties, against Spark's own function over the rows."""
    rows = spark.range(500).selectExpr("id", "pmod(id * 7919, 41) AS value", "pmod(id, 5) AS part")
    first = add_dense_rank(rows, "all", by="value")
    ranked = add_dense_rank(first, "within", by="value", within=["part"], values=rows)
    order = fn.col("value").desc()
    expected = ranked.withColumn(
        "e_all", fn.dense_rank().over(Window.partitionBy(fn.lit(1)).orderBy(order))
    ).withColumn("e_within", fn.dense_rank().over(Window.partitionBy("part").orderBy(order)))
    found: list[Row] = expected.collect()
    assert len(found) == 500
    assert all((row["all"], row["within"]) == (row["e_all"], row["e_within"]) for row in found)
