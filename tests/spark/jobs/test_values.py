# SPDX-License-Identifier: Apache-2.0
"""Texts at the edge between the quick way of reading a value and the pattern: both say the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from tests.nightly.benchmarks import pandas_values
from transforms.values import day, money, whole

RUN_DATE = date(2022, 7, 1)
INTEGERS: Mapping[str, int | None] = {
    "0": 0, "-0": 0, "-7": -7, "007": 7, "+7": 7, "7.": 7, "7.00": 7, "\t7\n": 7,
    "2147483647": 2147483647, "-2147483648": -2147483648, "2147483648": None,
    "": None, "-": None, ".5": None, "7.5": None, "1e3": None, "7L": None, "\x017": None, "\u0667": None,
}  # fmt: skip
AMOUNTS: Mapping[str, str | None] = {
    "$1,234 ": "1234.00", "-5": "-5.00", "-$5": "-5.00", "$-1,234.5": "-1234.50", "05": "5.00", "$": None,
    "1,234": "1234.00", "12,345": "12345.00", "123,456": "123456.00", "1,234,567.8": "1234567.80",
    "1.234,50": None, "$1.234,50": None, "1234,50": None, "12,34": None, "1,2,3": None, "$1,23,456": None,
    "0,123": None, "012,345": None, ",234": None, "1,234,56": None, "1234,567": None, "1,,234": None,
    "1,234,": None, "12,345 678": None, "1,234e1": None, "50 60": None, "$50 - $60": None, "-": None,
    "1\u202f234": "1234.00", "1 234,50": None, "1'234": None, "(120)": None, "\u20ac120": None,
    "US$120": None, "120 USD": None, "120$": "120.00", "--5": None, "\u0661": None,
    "1 234": "1234.00", "$\u00a012": "12.00", "$12\t": "12.00",
    "9999999999": "9999999999.00", "10000000000": None, "12.345": "12.35", ".5": "0.50", "1e2": "100.00",
    "": None, "1-2": None, "9223372036854775808": None,
}  # fmt: skip
DAYS: Mapping[str, date | None] = {
    "6/2/2019": date(2019, 6, 2), "06/02/2019": date(2019, 6, 2), " 6/2/2019 ": date(2019, 6, 2),
    "2/29/2020": date(2020, 2, 29), "12/31/9999": date(9999, 12, 31), "2019-06-02": date(2019, 6, 2),
    "6-2-2019": date(2019, 6, 2), "06-02-2019 10:00": date(2019, 6, 2), "6/2/2019 0:00": date(2019, 6, 2),
    "2019/06/02": date(2019, 6, 2), "2019-6-2": date(2019, 6, 2), "2019-06-02T23:59:59Z": date(2019, 6, 2),
    "2019-06-02 23:30:00 -0500": date(2019, 6, 2), "2019/06/02 9 PM": None, "2019-06-02 or later": None,
    "6/2/19": date(2019, 6, 2), "06/02/22": date(2022, 6, 2), "7/1/22": date(2022, 7, 1),
    "7/2/22": date(1922, 7, 2), "1/1/99 12:00": date(1999, 1, 1), "2/29/00": date(2000, 2, 29),
    "2/29/19": None, "2/30/21": None, "6-2-19": None, "19-6-2": None, "6-2/2019": None, "2019-06/02": None,
    "2/29/2019": None, "13/1/2019": None, "0/1/2019": None, "-1/1/2019": None, "00/00/0000": None,
    "6/2/999": None, "2021-02-30": None, "0000-00-00": None, "44488": None, "Oct 19, 2021": None,
    "19/10/2021": None, "19.10.2021": None, "2021": None, "20211019": None, "1634601600": None,
    "6/2/12019": None, "6/2": None, "6/2/2019/1": None, "6//2019": None, "6/2.0/2019": None,
    "//": None, "": None,
}  # fmt: skip


def values(spark: SparkSession, texts: Mapping[str, Any], value: str) -> dict[str, Any]:
    """What becomes of each text."""
    rows = spark.createDataFrame([(text,) for text in texts], "text string")
    return {row["text"]: row["value"] for row in rows.selectExpr("text", f"{value} AS value").collect()}


@pytest.mark.parametrize("data_type", ["int", "long"])
def test_whole_numbers(spark: SparkSession, data_type: str) -> None:
    wider = {"2147483648": 2147483648} if data_type == "long" else {}
    assert values(spark, INTEGERS, whole("text", data_type)) == {**INTEGERS, **wider}


def test_amounts(spark: SparkSession) -> None:
    expected = {text: Decimal(amount) if amount else None for text, amount in AMOUNTS.items()}
    assert values(spark, AMOUNTS, money("text")) == expected


def test_days(spark: SparkSession) -> None:
    assert values(spark, DAYS, day("text", RUN_DATE)) == DAYS


@pytest.mark.parametrize(
    ("run_date", "text", "expected"),
    [
        (date(1999, 12, 31), "1/1/00", date(1900, 1, 1)),
        (date(1999, 12, 31), "12/31/99", date(1999, 12, 31)),
        (date(2100, 3, 1), "2/28/00", date(2100, 2, 28)),
        (date(2100, 3, 1), "2/29/00", date(2000, 2, 29)),  # 2100 has no such day
    ],
)
def test_a_year_of_two_digits_is_of_the_latest_century_before_the_run(
    spark: SparkSession, run_date: date, text: str, expected: date
) -> None:
    assert values(spark, {text: expected}, day("text", run_date)) == {text: expected}


def test_the_reference_in_pandas_reads_the_same_values(spark: SparkSession) -> None:
    known = {text: value for text, value in DAYS.items() if not value or value.year < 2262}  # its last year
    dates = pandas_values.days(pd.Series([*known]), pd.Timestamp(RUN_DATE))
    assert [None if pd.isna(value) else value.date() for value in dates] == [*known.values()]
    exact = [text for text in AMOUNTS if text != "12.345"]  # half a cent is no float
    amounts = pandas_values.amounts(pd.Series(exact))
    read = [None if pd.isna(value) else f"{value:.2f}" for value in amounts]
    assert read == [AMOUNTS[text] for text in exact]
