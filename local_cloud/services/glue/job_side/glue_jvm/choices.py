# SPDX-License-Identifier: Apache-2.0
"""``resolveChoice``, where Spark has given each column one type: casts are done, the rest has no object."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from glue_jvm import catalog
from glue_jvm.missing import missing
from glue_jvm.paths import find, quoted
from glue_jvm.types import cast_type
from glue_jvm.values import ResolveSpec

_WITHOUT_OBJECT = ("make_cols", "make_struct", "keep_as_struct")


def resolve(
    frame: DataFrame, specs: Sequence[ResolveSpec], *, choice: str, database: str | None, table: str | None
) -> DataFrame:
    """Cast the columns that the specs name, or, with ``match_catalog``, those of the table."""
    if choice.lower() == "match_catalog":
        if not database or not table:
            raise ValueError("resolveChoice with MATCH_CATALOG needs database and table_name.")
        specs = [
            ResolveSpec(column.name, f"cast:{column.type}")
            for column in catalog.table(database, table).columns
        ]
    elif choice and choice.lower() not in _WITHOUT_OBJECT:
        specs = [ResolveSpec(name, choice) for name in frame.columns]
    for spec in specs:
        frame = _resolve(frame, spec)
    return frame


def _resolve(frame: DataFrame, spec: ResolveSpec) -> DataFrame:
    action, _, wanted = spec.action.partition(":")
    if action.lower() in _WITHOUT_OBJECT:
        return frame
    if action.lower() not in ("cast", "project"):
        raise ValueError(
            f"resolveChoice has no action {spec.action!r}: cast:TYPE, project:TYPE, make_cols, make_struct."
        )
    names = find(frame.schema, spec.path)
    kind = cast_type(wanted)
    if names is None or kind is None:
        return frame
    if len(names) > 1 or "[]" in spec.path:
        missing(
            f"resolveChoice of the nested {spec.path!r}", "flatten it first (unnest), or run the job in AWS"
        )
    return frame.withColumn(names[0], f.col(quoted(names[0])).cast(kind))
