# SPDX-License-Identifier: Apache-2.0
"""Where DynamicFrames come from: files in S3, and tables of the data catalog."""

from __future__ import annotations

import functools
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from glue_jvm import catalog, formats
from glue_jvm.files import read, session
from glue_jvm.frame import DynamicFrame
from glue_jvm.paths import quoted
from glue_jvm.types import cast_type

# Options that change how Glue reads, not what
_WITHOUT_EFFECT = {
    "acceptanceWindow", "boundedFiles", "boundedSize", "compression", "compressionType", "groupFiles",
    "groupSize", "maxBand", "maxFilesInBand", "useS3ListImplementation",
}  # fmt: skip


class Source:
    """Files of one format.

    Parameters
    ----------
    connection_type
        ``s3``, or the format itself for Parquet and ORC.
    options
        Glue's connection options.
    predicate
        Of partitions, in SQL.
    """

    def __init__(self, connection_type: str, options: dict[str, Any], predicate: str) -> None:
        unknown = set(options) - _WITHOUT_EFFECT - {"paths", "path", "recurse"}
        self._format = formats.of_files(connection_type, unknown)
        paths = options.get("paths") or options.get("path") or []
        self._paths = [paths] if isinstance(paths, str) else list(paths)
        self._recurse = formats.flag(options.get("recurse", False))
        self._predicate = predicate
        self._options: dict[str, Any] = {}

    def setFormat(self, name: str, options: dict[str, Any]) -> None:
        """Set the format and its options."""
        self._format, self._options = name, options

    def getDynamicFrame(self, *partitions: int) -> DynamicFrame:
        """Read the files."""
        kind = formats.spark_format(self._format)
        rows = read(kind, self._paths, self._options, recurse=self._recurse)
        rows = rows.where(self._predicate) if self._predicate else rows
        return DynamicFrame(rows.repartition(partitions[-1]) if partitions else rows)


class CatalogSource:
    """A table.

    Parameters
    ----------
    table
        The table, as the catalog has it.
    predicate
        Of partitions, in SQL.
    """

    def __init__(self, table: catalog.Table, predicate: str) -> None:
        self._table = table
        self._predicate = predicate

    def getDynamicFrame(self, *partitions: int) -> DynamicFrame:
        """Read the table, of a partitioned one the partitions that the catalog has."""
        rows = self._read()
        rows = rows.where(self._predicate) if self._predicate else rows
        return DynamicFrame(rows.repartition(partitions[-1]) if partitions else rows)

    def _read(self) -> DataFrame:
        table = self._table
        if not table.partition_keys:
            return self._files(table.location)
        found = []
        for values, location in table.partitions:
            rows = self._files(location)
            for key, value in zip(table.partition_keys, values, strict=True):
                rows = rows.withColumn(key.name, f.lit(value).cast(cast_type(key.type) or "string"))
            found.append(rows)
        if not found:
            columns = [*table.columns, *table.partition_keys]
            return session().createDataFrame([], ", ".join(f"{quoted(c.name)} {c.type}" for c in columns))
        return functools.reduce(DataFrame.unionByName, found)

    def _files(self, location: str) -> DataFrame:
        table = self._table
        schema = ", ".join(f"{quoted(column.name)} {column.type}" for column in table.columns)
        options = table.options if table.format == "csv" else {}
        return read(table.format, [location], options, recurse=not table.partition_keys, schema=schema)
