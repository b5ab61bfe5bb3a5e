# SPDX-License-Identifier: Apache-2.0
"""Settings of Spark that follow from the size of the input."""

from __future__ import annotations

import contextlib

import pytest
from pyspark.sql import SparkSession

from transforms.session import SMALL_BYTES, planned_for

ADAPTIVE, PARTITIONS = NAMES = ("spark.sql.adaptive.enabled", "spark.sql.shuffle.partitions")


def settings(spark: SparkSession) -> list[str | None]:
    return [spark.conf.get(name) for name in NAMES]


@pytest.mark.parametrize(("size", "small"), [(SMALL_BYTES, True), (SMALL_BYTES + 1, False)])
def test_small_data_is_planned_once_and_the_session_is_left_as_it_was(
    spark: SparkSession, size: int, small: bool
) -> None:
    spark.conf.set(PARTITIONS, "7")
    before = settings(spark)
    with contextlib.suppress(ZeroDivisionError), planned_for(spark, size):
        assert settings(spark) == (["false", "2"] if small else before)
        _ = 1 / 0
    assert settings(spark) == before
    spark.conf.set(PARTITIONS, "2")
