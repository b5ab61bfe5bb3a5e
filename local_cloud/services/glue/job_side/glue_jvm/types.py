# SPDX-License-Identifier: Apache-2.0
"""Types: Spark's as ``awsglue.gluetypes`` reads them, the data catalog's as Spark casts to them."""

from __future__ import annotations

from typing import Any

from pyspark.sql.types import ArrayType, DataType, DecimalType, MapType, StructType

# Spark's class to awsglue's name, where it is not the class's own name in lower case
_NAMES = {"IntegerType": "int", "TimestampNTZType": "timestampntz"}
_CASTS = {
    "bigint": "bigint", "binary": "binary", "boolean": "boolean", "byte": "tinyint", "char": "string",
    "date": "date", "decimal": "decimal(10,2)", "double": "double", "float": "float", "int": "int",
    "integer": "int", "long": "bigint", "short": "smallint", "smallint": "smallint", "string": "string",
    "timestamp": "timestamp", "tinyint": "tinyint", "varchar": "string",
}  # fmt: skip
_LEFT_AS_THEY_ARE = ("array", "map", "null", "struct")


def glue_json(kind: DataType) -> dict[str, Any]:
    """Return a type as the JSON that ``awsglue.gluetypes`` reads."""
    name = type(kind).__name__
    found: dict[str, Any] = {"dataType": _NAMES.get(name, name[:-4].lower()), "properties": {}}
    if isinstance(kind, StructType):
        found["fields"] = [
            {"name": field.name, "container": glue_json(field.dataType), "properties": {}} for field in kind
        ]
    elif isinstance(kind, ArrayType):
        found["elementType"] = glue_json(kind.elementType)
    elif isinstance(kind, MapType):
        found["valueType"] = glue_json(kind.valueType)
    elif isinstance(kind, DecimalType):
        found |= {"precision": kind.precision, "scale": kind.scale}
    return found


def cast_type(name: str) -> str | None:
    """Return what Spark casts to for a type of the data catalog; None for a column that stays what it is.

    Raises
    ------
    ValueError
        Nobody knows such a type.

    Examples
    --------
    >>> cast_type("long"), cast_type("decimal(12,4)"), cast_type("struct")
    ('bigint', 'decimal(12,4)', None)
    """
    word = name.strip().lower()
    if word in _CASTS:
        return _CASTS[word]
    if word in _LEFT_AS_THEY_ARE:
        return None
    if "<" in word or word.startswith(("decimal(", "varchar(", "char(")):
        return word if not word.startswith(("varchar", "char")) else "string"
    raise ValueError(f"The type {name!r} is not one of the data catalog's: {', '.join(sorted(_CASTS))}.")
