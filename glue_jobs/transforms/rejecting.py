# SPDX-License-Identifier: Apache-2.0
"""A row is rejected for the first reason that fits."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as fn

from transforms.fields import DUPLICATE, REASON


def reject(rows: DataFrame, reasons: Mapping[str, Column]) -> DataFrame:
    """Mark the rows for which a condition is true, unless an earlier rule has marked them.

    Parameters
    ----------
    rows
        Any rows with ``_reason``.
    reasons
        Reason -> condition, in the order in which they count. A condition that is null rejects nothing: say
        what null means in the condition.
    """
    marks = [fn.when(condition, fn.lit(reason)) for reason, condition in reasons.items()]
    return rows.withColumn(REASON, fn.coalesce(fn.col(REASON), *marks))


def is_left() -> Column:
    """True for rows that no rule has taken out so far."""
    return fn.col(REASON).isNull()


def is_rejected() -> Column:
    """True for rows that are kept among the rejected ones: all that are out, but for duplicates."""
    return fn.col(REASON).isNotNull() & (fn.col(REASON) != DUPLICATE)
