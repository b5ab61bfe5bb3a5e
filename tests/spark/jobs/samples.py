# SPDX-License-Identifier: Apache-2.0
"""Listings as text rows, and readers of what the jobs write."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql.types import StringType, StructField, StructType

from tests.listing import GOOD

Text = str | None

REQUIRED = (
    "id", "name", "host_name", "host_identity_verified", "neighbourhood_group", "neighbourhood", "lat",
    "long", "country", "instant_bookable", "cancellation_policy", "room_type", "construction_year", "price",
    "service_fee", "minimum_nights", "number_of_reviews", "last_review", "reviews_per_month",
    "review_rate_number", "calculated_host_listings_count", "house_rules",
)  # fmt: skip


def listings(spark: SparkSession, *changes: Mapping[str, Text]) -> DataFrame:
    """Text rows as they are after reading: the good listing, each with its changes; ids count from 1."""
    good = {name.replace(" ", "_").lower(): value for name, value in GOOD.items()}
    fields = StructType([StructField(name, StringType()) for name in (*REQUIRED, "_reason")])
    rows = []
    for number, change in enumerate(changes, 1):
        values = {**good, "_reason": None, "id": str(number), **change}
        rows.append(tuple(values[name] for name in fields.names))
    return spark.createDataFrame(rows, fields)


def reasons(rows: DataFrame) -> list[Text]:
    """The reasons of the rows, in the order of their ids as text."""
    return [row["_reason"] for row in sorted(rows.collect(), key=_id)]


def column(rows: DataFrame, name: str) -> list[Any]:
    """The values of a column, in the order of the ids."""
    return [row[name] for row in sorted(rows.collect(), key=_id)]


def _id(row: Row) -> int:
    return int(row["id"])


@dataclass(frozen=True)
class Run:
    """What a clean job has printed and written."""

    summary: dict[str, Any]
    clean: Path
    rejected: Path

    def clean_rows(self) -> list[dict[str, Any]]:
        """Clean rows by id."""
        return parquet_rows(self.clean, "id")

    def rejected_rows(self) -> list[dict[str, Any]]:
        """Rejected rows, in the order of the files."""
        lines = [
            line for file in sorted(self.rejected.glob("*.json")) for line in file.open(encoding="utf-8")
        ]
        return [json.loads(line) for line in lines]


def parquet_rows(directory: Path, *order: str) -> list[dict[str, Any]]:
    """Rows of a Parquet data set, sorted; Spark's ``run_id=`` in the path is no column of it."""
    rows: list[dict[str, Any]] = []
    for file in sorted(directory.glob("*.parquet")):
        rows += pq.ParquetFile(file).read().to_pylist()
    return sorted(rows, key=lambda row: tuple(row[name] for name in order))
