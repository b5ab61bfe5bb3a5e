# SPDX-License-Identifier: Apache-2.0
"""Rule 3: columns that clean rows do not have are set aside; rejected rows get them back."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as fn

from transforms.fields import NOTES, ORIGINAL, REQUIRED, SET_ASIDE
from transforms.reading.columns import Column


def drop_columns(rows: DataFrame, columns: Sequence[Column]) -> DataFrame:
    """Leave the required columns; the others travel together, for the sake of rejected rows."""
    others = [column.inner for column in columns if column.inner not in REQUIRED]
    aside = f"struct({', '.join(others)})" if others else "CAST(NULL AS string)"
    notes = [note for note in NOTES if note in rows.columns]
    return rows.selectExpr(*REQUIRED, *notes, f"{aside} AS {SET_ASIDE}")


def keep_original(rows: DataFrame, columns: Sequence[Column]) -> DataFrame:
    """Keep each row as it was read, under the names it was read with, in ``_original``.

    To be called after the last exchange before the rows are stored: until then every text travels once.
    """
    values = [
        (fn.col(column.inner) if column.inner in REQUIRED else fn.col(SET_ASIDE)[column.inner]).alias(
            column.kept_as
        )
        for column in columns
    ]
    return rows.withColumn(ORIGINAL, fn.struct(*values)).drop(SET_ASIDE)
