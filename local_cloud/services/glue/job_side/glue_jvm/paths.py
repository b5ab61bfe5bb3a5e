# SPDX-License-Identifier: Apache-2.0
"""Fields by path (``address.city``, a name with dots in backquotes): find, keep, drop, move, map."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f
from pyspark.sql.types import DataType, StructType

from glue_jvm.types import cast_type
from glue_jvm.values import MappingSpec

_PART = re.compile(r"`([^`]*)`|([^.`]+)")
_MOVED = "__glue_moved"

Tree = dict[str, Any]  # name -> Column, or the tree of a struct


def parts(path: str) -> list[str]:
    """Return the names of a path.

    Examples
    --------
    >>> parts("address.`street.name`")
    ['address', 'street.name']
    """
    return [quoted or plain for quoted, plain in _PART.findall(path)]


def quoted(name: str) -> str:
    """Return a name as Spark reads it literally."""
    return "`" + name.replace("`", "``") + "`"


def find(schema: StructType, path: str, *, case_sensitive: bool = False) -> list[str] | None:
    """Return the names of a path as the schema spells them, None when there is no such field."""
    found: list[str] = []
    kind: DataType = schema
    names = parts(path)
    if "`" not in path and path in schema.names:  # a dot in a name, unquoted: Glue takes the name first
        return [path]
    for name in names:
        fields = kind.fields if isinstance(kind, StructType) else []
        same = [
            field for field in fields
            if field.name == name or (not case_sensitive and field.name.lower() == name.lower())
        ]  # fmt: skip
        if not same:
            return None
        found.append(same[0].name)
        kind = same[0].dataType
    return found


def column(names: Sequence[str]) -> Column:
    """Return the column at a path."""
    value = f.col(quoted(names[0]))
    for name in names[1:]:
        value = value.getField(name)
    return value


def select(frame: DataFrame, paths: Iterable[str]) -> DataFrame:
    """Keep the fields at the paths; one that is not there is passed over."""
    tree: Tree = {}
    for path in paths:
        names = find(frame.schema, path)
        if names:
            _put(tree, names, column(names))
    return frame.select(*_columns(tree))


def drop(frame: DataFrame, paths: Iterable[str]) -> DataFrame:
    """Drop the fields at the paths, a struct with its last one; what is not there is passed over."""
    for path in paths:
        names = find(frame.schema, path)
        if names is None:
            continue
        while len(names) > 1 and _is_alone(frame.schema, names):
            names = names[:-1]
        if len(names) == 1:
            frame = frame.drop(f.col(quoted(names[0])))
        else:
            inner = ".".join(quoted(name) for name in names[1:])
            frame = frame.withColumn(names[0], f.col(quoted(names[0])).dropFields(inner))
    return frame


def _is_alone(schema: StructType, names: Sequence[str]) -> bool:
    kind: Any = schema
    for name in names[:-1]:
        kind = kind[name].dataType
    return len(kind) == 1


def rename(frame: DataFrame, old: str, new: str) -> DataFrame:
    """Move a field to another path; one that is not there is passed over."""
    source, target = find(frame.schema, old), parts(new)
    if source is None:
        return frame
    if len(source) == len(target) == 1:
        return frame.withColumnRenamed(source[0], target[0])
    moved = drop(frame.withColumn(_MOVED, column(source)), [".".join(quoted(name) for name in source)])
    root = target[0]
    if len(target) == 1:
        value = f.col(_MOVED)
    elif root in moved.columns:
        inner = ".".join(quoted(name) for name in target[1:])
        value = f.col(quoted(root)).withField(inner, f.col(_MOVED))
    else:
        tree: Tree = {}
        _put(tree, target[1:], f.col(_MOVED))
        value = f.struct(*_columns(tree))
    return moved.withColumn(root, value).drop(_MOVED)


def apply_mapping(frame: DataFrame, mappings: Iterable[MappingSpec], *, case_sensitive: bool) -> DataFrame:
    """Keep what is mapped, under its new path and type; a source that is not there is passed over."""
    tree: Tree = {}
    for mapping in mappings:
        names = find(frame.schema, mapping.source, case_sensitive=case_sensitive)
        if names is None:
            continue
        wanted = cast_type(mapping.target_type) if mapping.target_type else None
        value = column(names)
        _put(tree, parts(mapping.target), value.cast(wanted) if wanted else value)
    return frame.select(*_columns(tree))


def _put(tree: Tree, names: Sequence[str], value: Column) -> None:
    for name in names[:-1]:
        branch = tree.setdefault(name, {})
        if not isinstance(branch, dict):  # the whole struct is there already
            return
        tree = branch
    tree[names[-1]] = value


def _columns(tree: Tree) -> list[Column]:
    return [
        (f.struct(*_columns(value)) if isinstance(value, dict) else value).alias(name)
        for name, value in tree.items()
    ]
