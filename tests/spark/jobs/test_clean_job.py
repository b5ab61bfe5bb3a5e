# SPDX-License-Identifier: Apache-2.0
"""The clean job as a whole: every row of the input is clean, a duplicate, or rejected."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import clean_job
import pyarrow.parquet as pq
import pytest
from pyspark.sql import DataFrame, SparkSession

from demo.dataset import generate
from tests.listing import GOOD, csv_line, json_record
from tests.spark.jobs.samples import Run, parquet_rows
from transforms.conservation import RowCounter
from transforms.errors import ArgumentsError, ConservationError, InputError, JobError
from transforms.reading import open_source, read_records, storage
from transforms.writing import clean_rows, count_parquet

Place = Callable[..., Path]
Clean = Callable[..., Run]

CLEAN_ROW = {
    "id": 1, "name": "Sunny loft", "host_name": "Elise", "host_identity_verified": "verified",
    "neighbourhood_group": "Manhattan", "neighbourhood": "Harlem", "lat": 40.80902, "long": -73.9419,
    "country": "United States", "instant_bookable": True, "cancellation_policy": "flexible",
    "room_type": "Private room", "construction_year": 2005, "price": Decimal("1620.00"),
    "service_fee": Decimal("124.00"), "minimum_nights": 3, "number_of_reviews": 9,
    "last_review": date(2019, 6, 22), "reviews_per_month": 0.25, "review_rate_number": 5,
    "calculated_host_listings_count": 4, "house_rules": "No smoking.", "reviews_per_month_sqrt": 0.5,
    "number_of_reviews_sqrt": 3.0, "calculated_host_listings_count_sqrt": 2.0,
}  # fmt: skip
TYPES = {
    "id": "int64", "lat": "double", "long": "double", "instant_bookable": "bool",
    "construction_year": "int32", "price": "decimal128(12, 2)", "service_fee": "decimal128(12, 2)",
    "minimum_nights": "int32",
    "number_of_reviews": "int64", "last_review": "date32[day]", "reviews_per_month": "double",
    "review_rate_number": "int32", "calculated_host_listings_count": "int32",
    "reviews_per_month_sqrt": "double",
    "number_of_reviews_sqrt": "double", "calculated_host_listings_count_sqrt": "double",
}  # fmt: skip


def schema_of(directory: Path) -> dict[str, str]:
    """Column -> type in every file of a Parquet data set."""
    schemas = [pq.read_schema(file) for file in directory.glob("*.parquet")]
    assert schemas
    assert all(schema.equals(schemas[0]) for schema in schemas)
    return {field.name: str(field.type) for field in schemas[0]}


def test_a_good_listing_comes_out_in_the_types_of_the_contract(clean: Clean, place: Place) -> None:
    run = clean(place([csv_line()]))
    assert run.clean_rows() == [CLEAN_ROW]
    assert run.rejected_rows() == []
    assert schema_of(run.clean) == {name: TYPES.get(name, "string") for name in CLEAN_ROW}


def test_what_can_be_put_right_is_and_what_cannot_is_kept_as_it_was(clean: Clean, place: Place) -> None:
    lines = [
        csv_line(id="1"),
        csv_line(id="2", host_name="", name="", house_rules="", country="", host_identity_verified="",
                 instant_bookable="", cancellation_policy="", neighbourhood_group="brookln"),
        csv_line(id="3", lat="40.1", number_of_reviews="", reviews_per_month="",
                 calculated_host_listings_count="", last_review="6/16/2058"),
        csv_line(id="4"),
        csv_line(id="5", lat="40.2", price="on request", house_rules='a "b",\nc'),
        csv_line(id="6", lat="40.3", minimum_nights="-12", price=""),
        "7,too,short",
    ]  # fmt: skip
    run = clean(place(lines))
    assert run.summary == {
        "job": "clean", "rows_read": 7, "rows_clean": 3, "rows_duplicate": 1, "rows_rejected": 3,
        "rejected_by_reason": {"invalid_price": 1, "malformed_record": 1, "minimum_nights_out_of_range": 1},
        "dates_replaced_by_reason": {"in_future": 1},
    }  # fmt: skip
    filled = {
        "name": "Blank", "host_name": "Blank", "host_identity_verified": "unconfirmed",
        "house_rules": "Blank",
        "cancellation_policy": "moderate", "neighbourhood_group": "Brooklyn",
    }  # fmt: skip
    assert run.clean_rows() == [CLEAN_ROW, CLEAN_ROW | {"id": 2} | filled, CLEAN_ROW | {"id": 3, "lat": 40.1}]
    rejected = {row["_reason"]: row for row in run.rejected_rows()}
    as_read = dict.fromkeys(("_encoding", "_raw")) | GOOD | {"license": None}
    assert rejected["invalid_price"] == as_read | {
        "_reason": "invalid_price", "id": "5", "lat": "40.2", "price": "on request",
        "house_rules": 'a "b",\nc'
    }  # fmt: skip
    assert rejected["minimum_nights_out_of_range"] == as_read | {
        "_reason": "minimum_nights_out_of_range", "id": "6", "lat": "40.3", "minimum nights": "-12",
        "price": None
    }  # fmt: skip
    assert rejected["malformed_record"] == dict.fromkeys(as_read) | {
        "_reason": "malformed_record", "_raw": "7,too,short"
    }  # fmt: skip


def test_every_kind_of_fault_of_the_demo_data_is_counted_as_it_was_made(clean: Clean, tmp_path: Path) -> None:
    made = generate(tmp_path / "made.csv", rows=600, seed=11)
    run = clean(tmp_path / "made.csv")
    duplicates = made.pop("duplicate")
    assert run.summary["rejected_by_reason"] == made
    assert run.summary["rows_duplicate"] == duplicates == 6
    assert run.summary["rows_read"] == 600
    assert len(run.clean_rows()) == run.summary["rows_clean"] == 600 - duplicates - sum(made.values())
    assert len(run.rejected_rows()) == run.summary["rows_rejected"] == sum(made.values())


@pytest.mark.parametrize("name", ["a.json", "a.jsonl.gz"])
def test_the_same_listings_in_json_come_out_the_same(clean: Clean, place: Place, name: str) -> None:
    records = [
        json_record(id=1, lat=40.80902, minimum_nights=3, reviews_per_month=0.25, license=None),
        json_record(id=2, lat=None, more={"x": [1, "é"]}),
    ]
    text = json.dumps(records) if name == "a.json" else "\n".join(json.dumps(record) for record in records)
    run = clean(place(gzip.compress(text.encode()) if name.endswith("gz") else text.encode(), name))
    assert run.clean_rows() == [CLEAN_ROW]
    (rejected,) = run.rejected_rows()
    assert (rejected["_reason"], rejected["id"], rejected["lat"]) == ("missing_lat", "2", None)
    assert rejected["more"] == '{"x":[1,"é"]}'


def test_without_a_clean_row_there_is_still_a_schema(clean: Clean, place: Place) -> None:
    run = clean(place([csv_line(price="")]))
    assert (run.summary["rows_clean"], run.clean_rows()) == (0, [])
    assert schema_of(run.clean) == {name: TYPES.get(name, "string") for name in CLEAN_ROW}


def test_a_file_of_malformed_records_alone_loses_none(clean: Clean, place: Place) -> None:
    run = clean(place(["a,b", "a,b", "c"]))
    assert run.summary["rejected_by_reason"] == {"malformed_record": 3}
    assert sorted(row["_raw"] for row in run.rejected_rows()) == ["a,b", "a,b", "c"]


def test_the_day_of_the_run_decides_what_is_in_the_future(clean: Clean, place: Place) -> None:
    lines = [csv_line(id="1", last_review="1/1/2020"), csv_line(id="2", lat="1", last_review="1/1/2021")]
    run = clean(place(lines), run_date="2020-06-01")
    assert [row["last_review"] for row in run.clean_rows()] == [date(2020, 1, 1), date(2020, 1, 1)]


UNREAD = [
    csv_line(id=str(number), lat=f"40.{number}", last_review=text)
    for number, text in enumerate(("19/10/2021", "44488", "19/10/2021", "", "6/22/2058", "1/2/2020"), 10)
]


def test_dates_that_nobody_can_read_fail_the_job_with_examples(
    clean: Clean, place: Place, tmp_path: Path
) -> None:
    path = place(UNREAD)
    with pytest.raises(InputError) as failure:
        clean(path)
    assert str(failure.value) == (
        f"file://{path} has 5 of 6 dates in last_review that would become the median (3 unreadable, "
        "1 in_future, 1 missing), more than --max_replaced_percent 50 allows, such as '19/10/2021' (id 10, "
        "unreadable), '44488' (id 11, unreadable), an empty one (id 13, missing): write them as M/d/yyyy or "
        "YYYY-MM-DD, or allow more."
    )
    assert not (tmp_path / "clean").exists()


def test_dates_become_the_median_where_that_is_allowed_and_years_of_two_digits_are_read(
    clean: Clean, place: Place
) -> None:
    read = [csv_line(id=str(number), lat=str(number), last_review=f"{number}/2/20") for number in (1, 2, 3)]
    run = clean(place([*read, *UNREAD[:-1]]), "--max_replaced_percent=62.5")
    days = [date(2020, 1, 2), date(2020, 2, 2), date(2020, 3, 2), *[date(2020, 2, 2)] * 5]
    assert [row["last_review"] for row in run.clean_rows()] == days
    assert run.summary["dates_replaced_by_reason"] == {"unreadable": 3, "in_future": 1, "missing": 1}


def test_a_second_attempt_replaces_what_the_first_has_left(clean: Clean, place: Place) -> None:
    path = place([csv_line()])
    first = clean(path)
    (first.clean / "part-left-behind.parquet").write_bytes(b"half")
    second = clean(path)
    assert second.clean_rows() == [CLEAN_ROW]
    assert not (second.clean / "part-left-behind.parquet").exists()


def test_no_place_but_the_runs_own_is_replaced(spark: SparkSession, place: Place, tmp_path: Path) -> None:
    precious = tmp_path / "out" / "precious.txt"
    precious.parent.mkdir()
    precious.write_text("keep")
    rejected = tmp_path / "rejected" / "run_id=1"
    with pytest.raises(
        ArgumentsError, match="/out exists already: name another place, or one that ends in run_id="
    ):
        clean_job.main([
            f"--input_uri=file://{place([csv_line()])}",
            f"--clean_uri=file://{precious.parent}",
            f"--rejected_uri=file://{rejected}",
        ])  # fmt: skip
    assert precious.read_text() == "keep"


def test_places_with_special_characters(spark: SparkSession, place: Place, tmp_path: Path) -> None:
    name = "{a,b} 50%20+*[é]"
    outputs = [tmp_path / kind / name / "run_id=1" for kind in ("clean", "rejected")]
    clean_job.main([
        f"--input_uri=file://{place([csv_line()], f'{name}.csv')}",
        f"--clean_uri=file://{outputs[0]}",
        f"--rejected_uri=file://{outputs[1]}",
        "--JOB_NAME", "x", "--TempDir", "s3://b/t",
    ])  # fmt: skip
    assert len(parquet_rows(outputs[0], "id")) == 1


def test_rows_that_vanish_on_the_way_fail_the_job(
    monkeypatch: pytest.MonkeyPatch, clean: Clean, place: Place
) -> None:
    def lose_one(rows: DataFrame) -> DataFrame:
        return clean_rows(rows).where("id <> 2")

    monkeypatch.setattr(clean_job, "clean_rows", lose_one)
    lines = [csv_line(id="1"), csv_line(id="2", lat="1"), csv_line(id="3", price=""), csv_line(id="4")]
    with pytest.raises(ConservationError) as failure:
        clean(place(lines))
    assert str(failure.value) == (
        "4 rows were read, but 1 clean, 1 rejected and 1 duplicates: do not use what this run has written; "
        "the input is as it was."
    )


def test_a_count_that_does_not_fit_is_taken_again(
    monkeypatch: pytest.MonkeyPatch, clean: Clean, place: Place
) -> None:
    counted: list[str] = []

    value = RowCounter.value

    def miscount(counter: RowCounter) -> int:
        counted.append(counter.place)
        return value(counter) + (counter.place == "read")

    monkeypatch.setattr(RowCounter, "value", miscount)
    run = clean(place([csv_line(id="1"), "", csv_line(id="2", price=""), "x"]))
    assert run.summary["rows_read"] == 3
    assert sorted(counted) == ["clean", "read", "rejected"]


def test_counting_again_reads_every_record(spark: SparkSession, place: Place) -> None:
    paths = [
        place([csv_line(id="1"), "", "x,y", csv_line(id="2")]),
        place("\n".join([json.dumps(json_record()), " ", "5", "{}"]).encode(), "a.jsonl"),
        place(json.dumps([json_record(), 1, json_record()]).encode(), "a.json"),
    ]
    counts = [read_records(spark, open_source(spark, f"file://{path}")).count() for path in paths]
    assert counts == [3, 3, 3]


def test_counters_answer_from_the_action_that_they_watched(spark: SparkSession, tmp_path: Path) -> None:
    def never(weight: str | None) -> int:
        raise AssertionError("counted again")

    for rows in (0, 3):
        counter = RowCounter(place="x", recount=never)
        counter.watch(spark.range(rows)).write.parquet(str(tmp_path / str(rows)))
        assert (counter.value(), counter.rows()) == (rows, rows)


def test_a_counter_adds_up_its_weight_and_counts_rows_too(spark: SparkSession, tmp_path: Path) -> None:
    for rows, weight in ((0, 0), (4, 6)):
        uri = str(tmp_path / str(rows))
        counter = RowCounter(place="x", recount=partial(count_parquet, spark, uri), weight="id")
        counter.watch(spark.range(rows)).write.parquet(uri)
        assert (counter.value(), counter.rows()) == (weight, rows)
        assert counter.recount() == weight


def test_blank_lines_alone_are_no_success(
    monkeypatch: pytest.MonkeyPatch, clean: Clean, place: Place
) -> None:
    monkeypatch.setattr(storage, "HEAD_BYTES", 1000)  # what follows is not seen before Spark reads it
    with pytest.raises(InputError, match="has no records: only blank lines follow its header"):
        clean(place([" "] * 1000))


def test_storage_that_fails_while_writing_is_not_the_inputs_fault(
    spark: SparkSession, place: Place, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(JobError, match=rf"^Spark failed on file://{tmp_path}/file/run_id=1: \w+: "):
        clean_job.main([
            f"--input_uri=file://{place([csv_line()])}",
            f"--clean_uri=file://{tmp_path}/clean/run_id=1",
            f"--rejected_uri=file://{tmp_path}/file/run_id=1",
        ])  # fmt: skip


def test_nothing_of_the_data_stays_in_memory(spark: SparkSession, clean: Clean, place: Place) -> None:
    context: Any = spark._jsc
    before = context.getPersistentRDDs().size()  # a run that fails leaves what its process would take away
    clean(place([csv_line()]))
    assert context.getPersistentRDDs().size() == before
