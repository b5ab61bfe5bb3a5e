# SPDX-License-Identifier: Apache-2.0
"""A row is rejected for the first reason that fits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as fn

from transforms.fields import DUPLICATE, REASON

#: rows that no rule has taken out so far
IS_LEFT: Final = f"{REASON} IS NULL"
#: rows that are kept among the rejected ones: all that are out, but for duplicates
IS_REJECTED: Final = f"{REASON} IS NOT NULL AND {REASON} != '{DUPLICATE}'"


def reject(rows: DataFrame, reasons: Mapping[str, str]) -> DataFrame:
    """Mark the rows for which a condition is true, unless an earlier rule has marked them.

    Parameters
    ----------
    rows
        Any rows with ``_reason``.
    reasons
        Reason -> condition, as SQL, in the order in which they count. A condition that is null rejects
        nothing: say what null means in the condition.
    """
    marks = [f"CASE WHEN {condition} THEN '{reason}' END" for reason, condition in reasons.items()]
    return rows.withColumn(REASON, fn.expr(f"coalesce({REASON}, {', '.join(marks)})"))
