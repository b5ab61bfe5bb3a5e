# SPDX-License-Identifier: Apache-2.0
"""Glue's format options as options of Spark's readers and writers.

Source: "Data format options for inputs and outputs in AWS Glue for Spark", AWS Glue Developer Guide.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from glue_jvm.missing import missing

_FILES = ("s3", "file", "parquet", "orc")
_SPARK = {"csv": "csv", "json": "json", "parquet": "parquet", "glueparquet": "parquet", "orc": "orc"}
_CSV = {"separator": "sep", "escaper": "escape", "multiLine": "multiLine", "multiline": "multiLine"}
# Options that change how Glue works, not what it reads or writes
_WITHOUT_EFFECT = {
    "attachFilename", "attachTimestamp", "blockSize", "compression", "encoding", "optimizePerformance",
    "pageSize", "quoteChar", "skipFirst", "strictCheckForQuoting", "useGlueParquetWriter",
    "withHeader", "writeHeader",
}  # fmt: skip


def of_files(connection_type: str, unknown: Iterable[str]) -> str:
    """Return a connection type: ``s3``, or the format itself for Parquet and ORC; other types are not here.

    Parameters
    ----------
    unknown
        The names of connection options that are not here either.
    """
    if connection_type.lower() not in _FILES:
        missing(f"connection type {connection_type!r}")
    if names := ", ".join(sorted(unknown)):
        missing(f"connection option {names} of {connection_type}")
    return connection_type.lower()


def spark_format(name: str | None) -> str:
    """Return Spark's name of a format."""
    if not name or name.lower() not in _SPARK:
        missing(f"format={name!r}")
    return _SPARK[name.lower()]


def options(kind: str, given: dict[str, Any], *, header: bool) -> dict[str, Any]:
    """Return Spark's options for Glue's.

    Parameters
    ----------
    kind
        Spark's name of the format.
    given
        Glue's format options.
    header
        Whether a CSV file has a header, for a reader or a writer.
    """
    known = _CSV if kind == "csv" else {"multiLine": "multiLine", "multiline": "multiLine"}
    unknown = sorted(set(given) - set(known) - _WITHOUT_EFFECT)
    if unknown:
        missing(f"format option {', '.join(unknown)} of {kind}")
    found = {spark: _text(given[glue]) for glue, spark in known.items() if glue in given}
    if "compression" in given:
        found["compression"] = given["compression"]
    if kind == "csv":
        quote = given.get("quoteChar", '"')
        found |= {"header": header, "quote": "" if quote in (-1, "-1") else quote}
    return found


def flag(value: Any) -> bool:
    """Return what Glue takes as true: a boolean, or its name."""
    return value if isinstance(value, bool) else str(value).lower() == "true"


def _text(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value
