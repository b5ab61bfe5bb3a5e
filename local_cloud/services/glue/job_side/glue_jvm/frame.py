# SPDX-License-Identifier: Apache-2.0
"""Scala's DynamicFrame on a DataFrame: the methods that AWS's Python part calls.

The last arguments of most (transformation context, call site, thresholds) serve bookmarks and error counts;
only ``Map`` and ``Filter`` can meet errors here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NoReturn

from pyspark.sql import DataFrame

from glue_jvm import nested, paths, records, relations, script_functions
from glue_jvm.choices import resolve
from glue_jvm.files import session
from glue_jvm.missing import missing
from glue_jvm.types import glue_json
from glue_jvm.values import CallSite, MappingSpec, ResolveSpec


class DynamicFrame:
    """One DynamicFrame.

    Parameters
    ----------
    rows
        Its records.
    name
        Its name, in a collection.
    errors, stage_errors
        How many records were left out on the way to it, and by the transformation that made it.
    """

    def __init__(self, rows: DataFrame, name: str = "", errors: int = 0, stage_errors: int = 0) -> None:
        self.rows = rows
        self._name = name
        self._errors = errors
        self._stage_errors = stage_errors

    @staticmethod
    def apply(java_frame: Any, context: Any) -> DynamicFrame:
        """Make one of a DataFrame."""
        return DynamicFrame(DataFrame(java_frame, session()))

    @staticmethod
    def emptyDynamicFrame(context: Any) -> DynamicFrame:
        """Make one without records and fields."""
        return DynamicFrame(session().range(0).drop("id"))

    @staticmethod
    def fromPythonRDD(
        parent: DynamicFrame, java_rdd: Any, context: Any, ctx: str, name: str, site: CallSite,
        stage_threshold: int, total_threshold: int,
    ) -> DynamicFrame:  # fmt: skip
        """Make one of the records that a function of the script returned."""
        rows, found = script_functions.rows_of(java_rdd, parent.rows)
        total = parent._errors + found.errors
        limits = (found.errors, stage_threshold), (total, total_threshold)
        script_functions.report(found, ctx or name, *limits)
        return DynamicFrame(rows, name, total, found.errors)

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):
            raise AttributeError(name)
        missing(f"DynamicFrame.{name}")

    @property
    def name(self) -> str:
        """Its name, in a collection."""
        return self._name

    def toDF(self, options: Sequence[Any]) -> Any:
        """Return the DataFrame, as the JVM has it."""
        return self.rows._jdf

    def getName(self) -> str:
        """Return its name."""
        return self._name

    def count(self) -> int:
        """Return the number of records."""
        return self.rows.count()

    def schema(self) -> _Schema:
        """Return its schema."""
        return _Schema(self.rows)

    def showString(self, number: int) -> str:
        """Return records as lines of JSON, as Glue shows them."""
        return "\n".join(self.rows.limit(number).toJSON().collect())

    def javaToPython(self) -> Any:
        """Return the records for Python's functions."""
        return self.rows.rdd.map(records.to_entry)._jrdd

    def applyMapping(self, mappings: Sequence[MappingSpec], case_sensitive: bool, *_: Any) -> DynamicFrame:
        """Keep, rename and cast fields."""
        return self._with(paths.apply_mapping(self.rows, mappings, case_sensitive=case_sensitive))

    def selectFields(self, names: Sequence[str], *_: Any) -> DynamicFrame:
        """Keep fields."""
        return self._with(paths.select(self.rows, names))

    def dropFields(self, names: Sequence[str], *_: Any) -> DynamicFrame:
        """Drop fields."""
        return self._with(paths.drop(self.rows, names))

    def renameField(self, old: str, new: str, *_: Any) -> DynamicFrame:
        """Rename a field."""
        return self._with(paths.rename(self.rows, old, new))

    def splitFields(self, names: Sequence[str], *_: Any) -> list[DynamicFrame]:
        """Return the named fields, and the others."""
        return [self.selectFields(names), self.dropFields(names)]

    def splitRows(
        self, names: Sequence[str], values: Sequence[Any], operators: Sequence[str], *_: Any
    ) -> list[DynamicFrame]:
        """Return the records that meet all comparisons, and the others."""
        meets = relations.condition(names, values, operators)
        return [self._with(self.rows.where(meets)), self._with(self.rows.where(~meets))]

    def join(self, own: Sequence[str], others: Sequence[str], other: DynamicFrame, *_: Any) -> DynamicFrame:
        """Join where keys are equal; a name that both have gets a dot in front in the second."""
        return self._with(relations.join(self.rows, other.rows, own, others))

    def union(self, other: DynamicFrame, *_: Any) -> DynamicFrame:
        """Return the records of both; a field that one lacks is null there."""
        return self._with(self.rows.unionByName(other.rows, allowMissingColumns=True))

    def resolveChoice(
        self, specs: Sequence[ResolveSpec], choice: str, database: str | None, table: str | None, *_: Any
    ) -> DynamicFrame:
        """Cast; no column has several types here."""
        return self._with(resolve(self.rows, specs, choice=choice, database=database, table=table))

    def unnest(self, *_: Any) -> DynamicFrame:
        """Make fields of structs columns."""
        return self._with(nested.unnest(self.rows))

    def relationalize(self, name: str, *_: Any) -> list[DynamicFrame]:
        """Make tables without structs and arrays; they stay in memory, nothing is staged."""
        tables = nested.relationalize(self.rows, name)
        return [DynamicFrame(rows, title) for title, rows in tables.items()]

    def repartition(self, number: int, *_: Any) -> DynamicFrame:
        """Return it with that many partitions."""
        return self._with(self.rows.repartition(number))

    def coalesce(self, number: int, shuffle: bool, *_: Any) -> DynamicFrame:
        """Return it with at most that many partitions."""
        return self._with(self.rows.repartition(number) if shuffle else self.rows.coalesce(number))

    def getNumPartitions(self) -> int:
        """Return the number of partitions."""
        return self.rows.rdd.getNumPartitions()

    def spigot(self, path: str, options: dict[str, Any], *_: Any) -> DynamicFrame:
        """Write some records as JSON, and go on with all."""
        sample = self.rows.sample(float(options.get("prob", 1.0)), seed=0).limit(
            int(options.get("topk", 100))
        )
        sample.write.mode("append").json(path)
        return self

    def errorsCount(self) -> int:
        """Return how many records were left out on the way."""
        return self._errors

    def stageErrorsCount(self) -> int:
        """Return how many records the last transformation left out."""
        return self._stage_errors

    def assertErrorThreshold(self) -> None:
        """Do nothing: thresholds were checked where the errors arose."""

    def _with(self, rows: DataFrame) -> DynamicFrame:
        return DynamicFrame(rows, self._name, self._errors)


class _Schema:
    """Scala's schema, of which Python reads two texts."""

    def __init__(self, rows: DataFrame) -> None:
        self.rows = rows

    def toString(self) -> str:
        return json.dumps(glue_json(self.rows.schema))

    def treeString(self) -> str:
        text: str = self.rows._jdf.schema().treeString()
        return text
