# SPDX-License-Identifier: Apache-2.0
"""Texts at the edge between the quick way of reading a value and the pattern: both say the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import SparkSession

from transforms.values import day, money, whole

INTEGERS: Mapping[str, int | None] = {
    "0": 0, "-0": 0, "-7": -7, "007": 7, "+7": 7, "7.": 7, "7.00": 7, "\t7\n": 7,
    "2147483647": 2147483647, "-2147483648": -2147483648, "2147483648": None,
    "": None, "-": None, ".5": None, "7.5": None, "1e3": None, "7L": None, "\x017": None, "\u0667": None,
}  # fmt: skip
AMOUNTS: Mapping[str, str | None] = {
    "$1,234 ": "1234.00", "-5": "-5.00", "05": "5.00",
    "1 234": "1234.00", "$\u00a012": "12.00", "$12\t": "12.00",
    "9999999999": "9999999999.00", "10000000000": None, "12.345": "12.35", ".5": "0.50", "1e2": "100.00",
    "": None, "$": None, "-": None, "1-2": None, "9223372036854775808": None,
}  # fmt: skip
DAYS: Mapping[str, date | None] = {
    "6/2/2019": date(2019, 6, 2), "06/02/2019": date(2019, 6, 2), " 6/2/2019 ": date(2019, 6, 2),
    "2/29/2020": date(2020, 2, 29), "12/31/9999": date(9999, 12, 31), "2019-06-02": date(2019, 6, 2),
    "2/29/2019": None, "13/1/2019": None, "0/1/2019": None, "-1/1/2019": None, "6/2/19": None,
    "6/2/999": None,
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
    assert values(spark, DAYS, day("text")) == DAYS
