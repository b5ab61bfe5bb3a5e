# SPDX-License-Identifier: Apache-2.0
"""Nested data made flat: ``unnest`` and ``relationalize``."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f
from pyspark.sql.types import ArrayType, MapType, StructType

from glue_jvm.missing import missing
from glue_jvm.paths import column, quoted

_ROW = "__glue_row"


def unnest(frame: DataFrame) -> DataFrame:
    """Make each field of a struct a column, named by its path: ``address.city``."""
    return frame.select(*_leaves(frame.schema, []))


def relationalize(frame: DataFrame, name: str) -> dict[str, DataFrame]:
    """Make tables without structs or arrays.

    An array's column holds a number; its table ``<name>_<path>`` has a row per element with that number as
    ``id``, its ``index``, and the element as ``<path>.val``.
    """
    tables: dict[str, DataFrame] = {}
    _pivot(frame, name, name, tables)
    return tables


def _pivot(frame: DataFrame, root: str, name: str, tables: dict[str, DataFrame]) -> None:
    flat = unnest(frame)
    arrays = [field.name for field in flat.schema if isinstance(field.dataType, ArrayType)]
    if any(isinstance(field.dataType, MapType) for field in flat.schema):
        missing("Relationalize of a map column")
    if not arrays:
        tables[name] = flat
        return
    numbered = flat.withColumn(_ROW, f.monotonically_increasing_id()).persist()
    keys = {array: f.when(f.size(quoted(array)) > 0, f.col(_ROW)) for array in arrays}
    tables[name] = numbered.select(
        *(keys.get(column, f.col(quoted(column))).alias(column) for column in flat.columns)
    )
    for array in arrays:
        elements = numbered.select(
            f.col(_ROW).alias("id"), f.posexplode(quoted(array)).alias("index", f"{array}.val")
        )
        _pivot(elements, root, f"{root}_{array}", tables)


def _leaves(schema: StructType, above: list[str]) -> list[Column]:
    found: list[Column] = []
    for field in schema:
        path = [*above, field.name]
        if isinstance(field.dataType, StructType):
            found += _leaves(field.dataType, path)
        else:
            found.append(column(path).alias(".".join(path)))
    return found
