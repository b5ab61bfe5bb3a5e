# SPDX-License-Identifier: Apache-2.0
"""Conditions of ``SplitRows``, and ``Join``, on DataFrames."""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f

from glue_jvm import paths

_COMPARE = {
    ">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le, "=": operator.eq,
    "!=": operator.ne,
}  # fmt: skip


def condition(names: Sequence[str], values: Sequence[Any], operators: Sequence[str]) -> Column:
    """Return what is true for the records that meet all comparisons, and false for all others."""
    meets = f.lit(True)
    for name, value, word in zip(names, values, operators, strict=True):
        meets &= _COMPARE[word](paths.column(paths.parts(name)), value)
    return f.coalesce(meets, f.lit(False))


def join(mine: DataFrame, theirs: DataFrame, own: Sequence[str], others: Sequence[str]) -> DataFrame:
    """Join where keys are equal; a name that both have gets a dot in front in the second."""
    clash = {name: f".{name}" for name in theirs.columns if name in mine.columns}
    keys = [paths.parts(path) for path in others]
    theirs = theirs.withColumnsRenamed(clash)
    keys = [[clash.get(key[0], key[0]), *key[1:]] for key in keys]
    equal = [
        paths.column(paths.parts(left)) == paths.column(right) for left, right in zip(own, keys, strict=True)
    ]
    return mine.join(theirs, functools.reduce(operator.and_, equal), "inner")
