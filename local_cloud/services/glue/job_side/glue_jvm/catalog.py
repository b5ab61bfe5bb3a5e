# SPDX-License-Identifier: Apache-2.0
"""Tables of the data catalog, read from Glue's API with the job's own rights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from glue_jvm.missing import missing

_FORMATS = {
    "parquet": ("parquet",),
    "orc": ("orc",),
    "json": ("json",),
    "csv": ("csv", "lazysimple"),
}  # by what the table's classification or its SerDe is called


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column: name, type as the catalog names it."""

    name: str
    type: str


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table on S3.

    Attributes
    ----------
    location
        URI of its data.
    format
        ``csv``, ``json``, ``parquet`` or ``orc``.
    columns, partition_keys
        The columns in the files, and those in the names of folders.
    partitions
        Values and location of each partition that the catalog has.
    options
        Format options of ``awsglue`` that its SerDe stands for.
    """

    location: str
    format: str
    columns: list[Column]
    partition_keys: list[Column]
    partitions: list[tuple[list[str], str]]
    options: dict[str, Any]


def table(database: str, name: str) -> Table:
    """Look a table up."""
    import boto3

    glue = boto3.client("glue")
    found = glue.get_table(DatabaseName=database, Name=name)["Table"]
    storage = found.get("StorageDescriptor") or {}
    keys = _columns(found.get("PartitionKeys"))
    pages = (
        glue.get_paginator("get_partitions").paginate(DatabaseName=database, TableName=name) if keys else []
    )
    return Table(
        location=storage.get("Location", ""),
        format=_format(database, found, storage),
        columns=_columns(storage.get("Columns")),
        partition_keys=keys,
        partitions=[
            (partition["Values"], partition["StorageDescriptor"]["Location"])
            for page in pages
            for partition in page["Partitions"]
        ],
        options=_options(found, storage),
    )


def _columns(members: list[dict[str, str]] | None) -> list[Column]:
    return [Column(name=member["Name"], type=member.get("Type", "string")) for member in members or []]


def _format(database: str, found: dict[str, Any], storage: dict[str, Any]) -> str:
    classification = (found.get("Parameters") or {}).get("classification", "")
    library = (storage.get("SerdeInfo") or {}).get("SerializationLibrary", "")
    for word in filter(None, (classification, library.rpartition(".")[2])):
        for name, signs in _FORMATS.items():
            if any(sign in word.lower() for sign in signs):
                return name
    kind = classification or library or "no classification"
    return missing(f"reader for the table {database}.{found['Name']} ({kind})")


def _options(found: dict[str, Any], storage: dict[str, Any]) -> dict[str, Any]:
    serde = (storage.get("SerdeInfo") or {}).get("Parameters") or {}
    parameters = {**(found.get("Parameters") or {}), **(storage.get("Parameters") or {}), **serde}
    options: dict[str, Any] = {
        "separator": serde.get("field.delim")
        or serde.get("separatorChar")
        or parameters.get("delimiter")
        or ",",
        "withHeader": str(parameters.get("skip.header.line.count", "0")) != "0",
    }
    if "quoteChar" in serde:
        options["quoteChar"] = serde["quoteChar"]
    return options
