# SPDX-License-Identifier: Apache-2.0
"""Each rule of the data contract against rows written by hand."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal

import pytest
from pyspark.sql import DataFrame, SparkSession

from tests.spark.jobs.samples import column, listings, reasons
from transforms.column_types import CONVERT_TYPES
from transforms.currency import CONVERT_CURRENCY
from transforms.duplicates import mark_duplicates
from transforms.nights import CHECK_MINIMUM_NIGHTS
from transforms.nulls import FILL_NULLS
from transforms.outcome import Outcome, measure_outcome
from transforms.places import CHECK_MISSING, CHECK_ROOM_TYPES, CORRECT_NEIGHBOURHOOD_GROUPS
from transforms.review_dates import fill_dates, keep_valid_dates, read_dates
from transforms.rules import Rule, apply_rules
from transforms.skewness import CHECK_COUNTS, fill_counts

MALFORMED = {"_reason": "malformed_record"}
RUN_DATE = date(2022, 7, 1)


def typed(checked: DataFrame) -> DataFrame:
    """Rows whose counts are checked, as the outcome is measured on."""
    return keep_valid_dates(apply_rules(checked, CONVERT_TYPES, read_dates(RUN_DATE)), RUN_DATE)


def outcome_of(checked: DataFrame) -> Outcome:
    return measure_outcome(typed(checked))


def test_of_equal_listings_the_smallest_id_stays(spark: SparkSession) -> None:
    same = {"host_name": "Noah", "lat": "40.1", "long": "-73.1", "price": "$5 "}
    rows = listings(spark, same | {"id": "10"}, same | {"id": "9"}, same | {"id": "100"})
    marked = {row["id"]: row["_reason"] for row in mark_duplicates(rows, 2).collect()}
    assert marked == {"9": None, "10": "duplicate", "100": "duplicate"}


@pytest.mark.parametrize("name", ["host_name", "lat", "long", "price"])
def test_listings_that_differ_in_one_value_of_the_key_both_stay(spark: SparkSession, name: str) -> None:
    values = {"host_name": "Ida", "lat": "40.809020", "long": "-73.94190", "price": "$1620 "}
    assert reasons(mark_duplicates(listings(spark, {}, {name: values[name]}), 2)) == [None, None]


def test_nulls_are_equal_in_duplicates(spark: SparkSession) -> None:
    nothing = dict.fromkeys(("host_name", "lat", "long", "price"))
    assert reasons(mark_duplicates(listings(spark, nothing, nothing), 2)) == [None, "duplicate"]


def test_a_malformed_record_is_no_duplicate_and_has_none(spark: SparkSession) -> None:
    rows = listings(spark, MALFORMED, {}, MALFORMED | {"name": "other"})
    assert reasons(mark_duplicates(rows, 2)) == ["malformed_record", None, "malformed_record"]


def test_an_id_that_is_no_number_is_larger_than_every_number(spark: SparkSession) -> None:
    rows = mark_duplicates(listings(spark, {"id": "A1"}, {"id": "500"}), 2).collect()
    assert {row["id"]: row["_reason"] for row in rows} == {"500": None, "A1": "duplicate"}


def test_equal_ids_are_decided_the_same_way_each_time(spark: SparkSession) -> None:
    rows = listings(spark, {"id": "7", "name": "a"}, {"id": "7", "name": "b"}, {"id": "7", "name": "c"})
    stays = {
        row["name"]
        for partitions in (1, 2, 3)
        for row in mark_duplicates(rows.repartition(partitions), partitions).collect()
        if row["_reason"] is None
    }
    assert len(stays) == 1


def test_nulls_get_their_defaults(spark: SparkSession) -> None:
    defaults = {
        "house_rules": "Blank", "host_name": "Blank", "name": "Blank",
        "country": "United States",
        "host_identity_verified": "unconfirmed", "instant_bookable": "true",
        "cancellation_policy": "moderate",
    }  # fmt: skip
    (row,) = apply_rules(listings(spark, dict.fromkeys(defaults)), FILL_NULLS).collect()
    assert {name: row[name] for name in defaults} == defaults


def test_values_and_other_nulls_stay_as_they_are(spark: SparkSession) -> None:
    (row,) = apply_rules(listings(spark, {"lat": None, "name": "x", "_reason": None}), FILL_NULLS).collect()
    assert (row["lat"], row["name"], row["_reason"]) == (None, "x", None)


def test_the_rules_of_a_step_see_the_row_as_it_was_before_the_step(spark: SparkSession) -> None:
    halve = Rule(columns={"lat": "lat / 2"}, reasons={"small": "lat < 10"})
    sum_up = Rule(columns={"long": "lat + long"}, reasons={"was_nine": "_long = 9"}, as_read=("long",))
    rows = apply_rules(listings(spark, {"lat": "40", "long": "2"}, {"lat": "30", "long": "9"}), halve, sum_up)
    assert (column(rows, "lat"), column(rows, "long")) == ([20, 15], [42, 39])
    assert reasons(rows) == [None, "was_nine"]
    assert rows.columns == listings(spark, {}).columns


def test_minimum_nights(spark: SparkSession) -> None:
    wrong = ("0", "365", "-12", "3455", None, "a week", "2.5", "1e1", "9999999999")
    right = {"1": 1, "364": 364, " 30 ": 30, "+2": 2, "7.0": 7}
    rows = apply_rules(
        listings(spark, *({"minimum_nights": text} for text in (*right, *wrong))), CHECK_MINIMUM_NIGHTS
    )
    assert reasons(rows) == [None] * 5 + ["minimum_nights_out_of_range"] * 9
    assert column(rows, "minimum_nights")[:5] == [*right.values()]


@pytest.mark.parametrize("name", ["price", "service_fee"])
def test_currency(spark: SparkSession, name: str) -> None:
    right = {"$1,234 ": "1234.00", "966": "966.00", "$ 12.5": "12.50", "1.2345678901E9": "1234567890.10"}
    wrong = (None, "$", "on request", "1.2.3", "NaN", "12345678901", "$1,2x0", "1.234,50", "1234,50", "1,2,3")
    below_zero = ("-5", "$-1,234.50", "-0.01")
    rows = apply_rules(
        listings(spark, *({name: text} for text in (*right, *wrong, *below_zero))), CONVERT_CURRENCY
    )
    assert reasons(rows) == [None] * 4 + [f"invalid_{name}"] * 10 + [f"negative_{name}"] * 3
    assert column(rows, name)[:14] == [Decimal(amount) for amount in right.values()] + [None] * 10
    assert rows.schema[name].dataType.simpleString() == "decimal(12,2)"


def test_the_first_missing_value_is_the_reason(spark: SparkSession) -> None:
    names = ["neighbourhood_group", "neighbourhood", "lat", "long", "construction_year", "review_rate_number"]
    changes = [dict.fromkeys(names[start:]) for start in range(len(names))]
    assert reasons(apply_rules(listings(spark, *changes), CHECK_MISSING)) == [
        f"missing_{name}" for name in names
    ]


def test_an_earlier_reason_stays(spark: SparkSession) -> None:
    rows = listings(spark, {"minimum_nights": None, "price": None, "lat": None, "room_type": None})
    rules = (CHECK_MINIMUM_NIGHTS, CONVERT_CURRENCY, CHECK_MISSING, CHECK_ROOM_TYPES)
    assert reasons(apply_rules(rows, *rules)) == ["minimum_nights_out_of_range"]
    assert reasons(apply_rules(apply_rules(rows, *rules[1:]), rules[0])) == ["invalid_price"]


def test_misspelt_groups_are_corrected(spark: SparkSession) -> None:
    groups: list[dict[str, str | None]] = [
        {"neighbourhood_group": text} for text in ("brookln", "manhatan", "Queens", None)
    ]
    rows = apply_rules(listings(spark, *groups), CORRECT_NEIGHBOURHOOD_GROUPS)
    assert column(rows, "neighbourhood_group") == ["Brooklyn", "Manhattan", "Queens", None]


def test_room_types(spark: SparkSession) -> None:
    known = ("Entire home/apt", "Private room", "Shared room", "Hotel room")
    unknown = ("private room", "Treehouse", None)
    rows = apply_rules(
        listings(spark, *({"room_type": text} for text in (*known, *unknown))), CHECK_ROOM_TYPES
    )
    assert reasons(rows) == [None] * 4 + ["unknown_room_type"] * 3


@pytest.mark.parametrize("name", ["reviews_per_month", "number_of_reviews", "calculated_host_listings_count"])
def test_counts_below_zero_or_without_a_number(spark: SparkSession, name: str) -> None:
    rows = apply_rules(
        listings(spark, {name: "-1"}, {name: "many"}, {name: "NaN"}, {name: None}, {name: "0"}), CHECK_COUNTS
    )
    invalid = f"invalid_{name}"
    assert reasons(rows) == [f"negative_{name}", invalid, invalid, None, None]
    assert rows.columns == listings(spark, {}).columns


def test_medians_are_exact_and_those_of_the_rows_that_are_left(spark: SparkSession) -> None:
    monthly = ("0.1", "0.4", "0.2", "9.9", None)
    reviews = ("5", "2", "11", "1000", None)
    hosted = ("3", None, "1", "77", None)
    rows = apply_rules(
        listings(
            spark,
            *(
                {"reviews_per_month": a, "number_of_reviews": b, "calculated_host_listings_count": c,
                 "_reason": "x" if a == "9.9" else None}
                for a, b, c in zip(monthly, reviews, hosted, strict=True)
            ),
        ),
        CHECK_COUNTS,
    )  # fmt: skip
    outcome = outcome_of(rows)
    assert outcome.medians == {
        "reviews_per_month": 0.2,
        "number_of_reviews": 5.0,
        "calculated_host_listings_count": 2.0,
    }
    assert (outcome.clean, outcome.rejected, outcome.rows) == (4, {"x": 1}, 5)


def test_nulls_become_the_median_rounded_down_in_whole_columns_and_roots_are_of_what_stands_there(
    spark: SparkSession,
) -> None:
    rows = apply_rules(
        listings(
            spark,
            {"reviews_per_month": None, "number_of_reviews": None, "calculated_host_listings_count": None},
            {"reviews_per_month": "4", "number_of_reviews": "16", "calculated_host_listings_count": "25"},
        ),
        CHECK_COUNTS,
    )
    medians = {"reviews_per_month": 0.25, "number_of_reviews": 9.5, "calculated_host_listings_count": 1.5}
    first, second = sorted(fill_counts(rows, medians).collect(), key=lambda row: int(row["id"]))
    assert (first["reviews_per_month"], first["reviews_per_month_sqrt"]) == (0.25, 0.5)
    assert (first["number_of_reviews"], first["number_of_reviews_sqrt"]) == (9, 3.0)
    assert (first["calculated_host_listings_count"], first["calculated_host_listings_count_sqrt"]) == (1, 1.0)
    assert (second["reviews_per_month_sqrt"], second["number_of_reviews_sqrt"]) == (2.0, 4.0)
    assert second["calculated_host_listings_count_sqrt"] == 5.0


def test_without_any_value_nulls_stay(spark: SparkSession) -> None:
    rows = apply_rules(listings(spark, {"reviews_per_month": None}), CHECK_COUNTS)
    medians = outcome_of(rows).medians
    assert medians["reviews_per_month"] is None
    (row,) = fill_counts(rows, medians).collect()
    assert (row["reviews_per_month"], row["reviews_per_month_sqrt"]) == (None, None)


def test_review_dates(spark: SparkSession) -> None:
    days: dict[str | None, date | None] = {
        "6/22/2019": date(2019, 6, 22),
        "06/02/2019": date(2019, 6, 2),
        "2019-06-22": date(2019, 6, 22),
        "2019-06-22T23:59:59-05:00": date(2019, 6, 22),
        "7/1/2022": date(2022, 7, 1),  # the day of the run
        "1/1/2005": date(2005, 1, 1),  # the year of construction
        "6/22/19": date(2019, 6, 22),
        **dict.fromkeys((None, "soon", "2/30/2019", "22/6/2019", "7/2/2022", "6/16/2058")),
        **dict.fromkeys(("12/31/2004", "7/2/22")),  # 1922
    }
    why = ["missing", "unreadable", "unreadable", "unreadable", "in_future", "in_future"]
    changes = ({"last_review": text, "construction_year": "2005"} for text in days)
    rows = typed(listings(spark, *changes))
    assert dict(zip(days, column(rows, "last_review"), strict=True)) == days
    assert column(rows, "_no_date") == [None] * 7 + why + ["before_construction"] * 2
    assert outcome_of(listings(spark, *({"last_review": text} for text in days))).replaced == {
        "unreadable": 3, "before_construction": 2, "in_future": 2, "missing": 1,
    }  # fmt: skip


def test_the_median_of_the_dates_is_a_whole_day_rounded_down(spark: SparkSession) -> None:
    days = ("2020-01-01", "2020-01-04", None, "2058-01-01")
    rows = apply_rules(listings(spark, *({"last_review": text} for text in days)), CHECK_COUNTS)
    median = outcome_of(rows).median_date
    assert median == date(2020, 1, 2)  # between the 2nd and the 3rd
    filled = column(fill_dates(typed(rows), median), "last_review")
    assert filled == [date(2020, 1, 1), date(2020, 1, 4), date(2020, 1, 2), date(2020, 1, 2)]


def test_rejected_rows_have_no_part_in_the_median_date(spark: SparkSession) -> None:
    rejected = ({"last_review": text, "_reason": "x"} for text in ("2021-01-01", "soon", None))
    outcome = outcome_of(apply_rules(listings(spark, {}, *rejected), CHECK_COUNTS))
    assert (outcome.median_date, outcome.replaced) == (date(2019, 6, 22), {})


def test_without_a_valid_date_there_is_none(spark: SparkSession) -> None:
    rows = apply_rules(listings(spark, {"last_review": None}), CHECK_COUNTS)
    assert outcome_of(rows).median_date is None
    assert column(fill_dates(typed(rows), None), "last_review") == [None]


def test_types(spark: SparkSession) -> None:
    typed = apply_rules(
        listings(spark, {"id": "10078", "lat": "40.5", "construction_year": "2007.0"}), CONVERT_TYPES
    )
    (row,) = typed.collect()
    assert (row["id"], row["lat"], row["construction_year"], row["instant_bookable"]) == (
        10078,
        40.5,
        2007,
        True,
    )
    types = {name: typed.schema[name].dataType.simpleString() for name in ("id", "lat", "review_rate_number")}
    assert types == {"id": "bigint", "lat": "double", "review_rate_number": "int"}


def test_a_value_that_is_not_of_its_type_rejects_the_row(spark: SparkSession) -> None:
    wrong = (
        ("lat", "40.6N"), ("lat", "NaN"), ("lat", "1d"), ("long", "1e999"), ("construction_year", "20l7"),
        ("construction_year", "3000000000"), ("review_rate_number", "4.5"), ("instant_bookable", "maybe"),
    )  # fmt: skip
    rows = apply_rules(listings(spark, *({name: text} for name, text in wrong)), CONVERT_TYPES)
    assert reasons(rows) == [f"invalid_{name}" for name, _ in wrong]


@pytest.mark.parametrize("text", [None, "12.5", "A17", "9223372036854775808"])
def test_a_row_without_a_whole_number_as_id_is_rejected(spark: SparkSession, text: str | None) -> None:
    (row,) = apply_rules(listings(spark, {"id": text}), CONVERT_TYPES).collect()
    assert (row["id"], row["_reason"]) == (None, "invalid_id")


def test_square_roots_are_doubles(spark: SparkSession) -> None:
    rows = fill_counts(apply_rules(listings(spark, {"number_of_reviews": "2"}), CHECK_COUNTS), {
        "reviews_per_month": None, "number_of_reviews": None, "calculated_host_listings_count": None,
    })  # fmt: skip
    assert column(rows, "number_of_reviews_sqrt") == [math.sqrt(2)]
    assert rows.schema["number_of_reviews_sqrt"].dataType.simpleString() == "double"
