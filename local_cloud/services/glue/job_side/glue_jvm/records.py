# SPDX-License-Identifier: Apache-2.0
"""Records in Python, for ``Map`` and ``Filter``: rows out as dictionaries, dictionaries in as rows.

AWS's Python part marks a record on which the script's function failed. Such records are left out, counted,
and named in the job's log; thresholds make them fail the job.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pyspark.errors import PySparkException
from pyspark.sql.types import (
    ArrayType,
    DataType,
    MapType,
    NullType,
    StructField,
    StructType,
    _infer_type,
    _make_type_verifier,
    _merge_type,
    _parse_datatype_json_string,
)

Record = dict[str, Any]


@dataclass
class Survey:
    """What the records of a frame are like.

    Attributes
    ----------
    errors, example
        How many records failed, and the message of one.
    misfits
        Fields with a value that is not of the type before.
    inferred
        Type of each field, by its values.
    """

    errors: int = 0
    example: str = ""
    misfits: set[str] = field(default_factory=set)
    inferred: dict[str, DataType] = field(default_factory=dict)

    def merge(self, other: Survey) -> Survey:
        """Add what was found elsewhere."""
        self.errors += other.errors
        self.example = self.example or other.example
        self.misfits |= other.misfits
        for name, kind in other.inferred.items():
            self._add_type(name, kind)
        return self

    def add(self, entry: Record, schema: StructType) -> None:
        """Look at one record."""
        if entry.get("isError"):
            self.errors += 1
            self.example = self.example or str(entry.get("errorMessage", ""))
            return
        before = {known.name: known.dataType for known in schema}
        for name, value in entry["record"].items():
            self._add_type(name, _infer_type(value, infer_dict_as_struct=True))
            if name not in before or not _fits(value, before[name]):
                self.misfits.add(name)

    def schema(self, before: StructType) -> StructType:
        """Return the schema of the records: types of before where they still hold, else the inferred ones.

        Without a record that tells otherwise, the schema is that of before.
        """
        if not self.inferred:
            return before
        types = {known.name: known.dataType for known in before}
        order = [name for name in types if name in self.inferred]
        order += [name for name in self.inferred if name not in types]
        return StructType(
            [
                StructField(name, self.inferred[name] if name in self.misfits else types[name])
                for name in order
            ]
        )

    def _add_type(self, name: str, kind: DataType) -> None:
        before = self.inferred.get(name, NullType())
        if _clash(before, kind):
            raise TypeError(
                f"Field {name!r} has values of several types ({before.simpleString()} and "
                f"{kind.simpleString()}): the local cloud has no choice types; return one type for it."
            )
        self.inferred[name] = _merge_type(before, kind)


def survey(entries: Iterable[Record], schema: StructType) -> Iterator[Survey]:
    """Look at the records of one partition."""
    found = Survey()
    for entry in entries:
        found.add(entry, schema)
    yield found


def to_entry(row: Any) -> Record:
    """Return a row as AWS's Python part wants it."""
    return {"record": row.asDict(recursive=True)}


def to_row(names: tuple[str, ...], entry: Record) -> tuple[Any, ...]:
    """Return a record as a row."""
    return tuple(map(entry["record"].get, names))


def is_good(entry: Record) -> bool:
    """Return whether the script's function did not fail on a record."""
    return not entry.get("isError")


def _clash(one: DataType, other: DataType) -> bool:
    """Return whether no type holds the values of both; Spark would make them text."""
    if isinstance(one, NullType) or isinstance(other, NullType):
        return False
    if isinstance(one, StructType) and isinstance(other, StructType):
        types = {known.name: known.dataType for known in other}
        return any(_clash(known.dataType, types[known.name]) for known in one if known.name in types)
    if isinstance(one, ArrayType) and isinstance(other, ArrayType):
        return _clash(one.elementType, other.elementType)
    return type(one) is not type(other)


def _fits(value: Any, kind: DataType) -> bool:
    if value is None:
        return True
    if isinstance(kind, StructType):
        types = {known.name: known.dataType for known in kind}
        return isinstance(value, dict) and all(
            name in types and _fits(inner, types[name]) for name, inner in value.items()
        )
    if isinstance(kind, ArrayType):
        return isinstance(value, list) and all(_fits(inner, kind.elementType) for inner in value)
    if isinstance(kind, MapType):
        return isinstance(value, dict) and all(_fits(inner, kind.valueType) for inner in value.values())
    try:
        _verifier(kind.json())(value)
    except (PySparkException, ValueError, TypeError):
        return False
    return True


@functools.cache
def _verifier(kind: str) -> Any:
    return _make_type_verifier(_parse_datatype_json_string(kind))
