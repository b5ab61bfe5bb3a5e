# SPDX-License-Identifier: Apache-2.0
"""``enableUpdateCatalog``: a sink makes its table, brings its columns up to date and adds its partitions.

Source: "Creating tables, updating the schema, and adding new partitions in the Data Catalog from AWS Glue ETL
jobs", AWS Glue Developer Guide.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyspark.sql import DataFrame

_HADOOP, _HIVE = "org.apache.hadoop.mapred", "org.apache.hadoop.hive.ql.io"
_TEXT = (f"{_HADOOP}.TextInputFormat", f"{_HIVE}.HiveIgnoreKeyTextOutputFormat")
# Format -> input format, output format, SerDe
_STORAGE = {
    "csv": (*_TEXT, "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"),
    "json": (*_TEXT, "org.openx.data.jsonserde.JsonSerDe"),
    "parquet": (
        f"{_HIVE}.parquet.MapredParquetInputFormat",
        f"{_HIVE}.parquet.MapredParquetOutputFormat",
        f"{_HIVE}.parquet.serde.ParquetHiveSerDe",
    ),
    "orc": (f"{_HIVE}.orc.OrcInputFormat", f"{_HIVE}.orc.OrcOutputFormat", f"{_HIVE}.orc.OrcSerde"),
}
_BATCH = 100  # partitions of a BatchCreatePartition


def update(
    rows: DataFrame, *, database: str, table: str, location: str, kind: str, keys: Sequence[str],
    options: dict[str, Any], change_columns: bool,
) -> None:  # fmt: skip
    """Bring the catalog up to date with rows that were written.

    Parameters
    ----------
    rows
        What was written.
    database, table
        Where the table is, or is made.
    location
        URI of its data.
    kind
        Spark's name of the format.
    keys
        Columns in the names of folders.
    options
        Glue's format options.
    change_columns
        Whether a table that is there gets the columns of the rows (``UPDATE_IN_DATABASE``).
    """
    import boto3

    glue = boto3.client("glue")
    storage = _storage(rows, location=location, kind=kind, keys=keys, options=options)
    wanted = {
        "Name": table,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": kind, **_header(kind, options)},
        "PartitionKeys": [column for column in _columns(rows) if column["Name"] in keys],
        "StorageDescriptor": storage,
    }
    try:
        glue.get_table(DatabaseName=database, Name=table)
    except glue.exceptions.EntityNotFoundException:
        glue.create_table(DatabaseName=database, TableInput=wanted)
    else:
        if change_columns:
            glue.update_table(DatabaseName=database, TableInput=wanted)
    if keys:
        _add_partitions(glue, rows, database=database, table=table, keys=keys, storage=storage)


def _add_partitions(
    glue: Any, rows: DataFrame, *, database: str, table: str, keys: Sequence[str], storage: dict[str, Any]
) -> None:
    partitions = []
    for row in rows.select(*(rows[f"`{key}`"].cast("string") for key in keys)).distinct().collect():
        values = ["__HIVE_DEFAULT_PARTITION__" if value is None else value for value in row]
        folders = "/".join(f"{key}={value}" for key, value in zip(keys, values, strict=True))
        place = f"{storage['Location'].rstrip('/')}/{folders}/"
        partitions.append({"Values": values, "StorageDescriptor": {**storage, "Location": place}})
    for start in range(0, len(partitions), _BATCH):  # one that is there already is left as it is
        batch = partitions[start : start + _BATCH]
        glue.batch_create_partition(DatabaseName=database, TableName=table, PartitionInputList=batch)


def _storage(
    rows: DataFrame, *, location: str, kind: str, keys: Sequence[str], options: dict[str, Any]
) -> dict[str, Any]:
    reads, writes, serde = _STORAGE[kind]
    separator = {"field.delim": str(options.get("separator", ","))} if kind == "csv" else {}
    return {
        "Columns": [column for column in _columns(rows) if column["Name"] not in keys],
        "Location": location,
        "InputFormat": reads,
        "OutputFormat": writes,
        "SerdeInfo": {"SerializationLibrary": serde, "Parameters": separator},
    }


def _header(kind: str, options: dict[str, Any]) -> dict[str, str]:
    has_one = kind == "csv" and str(options.get("writeHeader", True)).lower() == "true"
    return {"skip.header.line.count": "1"} if has_one else {}


def _columns(rows: DataFrame) -> list[dict[str, str]]:
    return [{"Name": field.name, "Type": field.dataType.simpleString()} for field in rows.schema]
