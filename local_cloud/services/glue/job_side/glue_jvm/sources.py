# SPDX-License-Identifier: Apache-2.0
"""Where DynamicFrames come from: files in S3, and tables of the data catalog."""

from __future__ import annotations

import functools
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.types import StringType

from glue_jvm import catalog, formats
from glue_jvm.frame import DynamicFrame
from glue_jvm.missing import missing
from glue_jvm.paths import quoted
from glue_jvm.types import cast_type

_FILES = ("s3", "file", "parquet", "orc")
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
        if connection_type.lower() not in _FILES:
            missing(f"connection type {connection_type!r}")
        unknown = sorted(set(options) - _WITHOUT_EFFECT - {"paths", "path", "recurse"})
        if unknown:
            missing(f"connection option {', '.join(unknown)} of {connection_type}")
        self._format = connection_type.lower()
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
            return _session().createDataFrame([], ", ".join(f"{quoted(c.name)} {c.type}" for c in columns))
        return functools.reduce(DataFrame.unionByName, found)

    def _files(self, location: str) -> DataFrame:
        table = self._table
        schema = ", ".join(f"{quoted(column.name)} {column.type}" for column in table.columns)
        options = table.options if table.format == "csv" else {}
        return read(table.format, [location], options, recurse=not table.partition_keys, schema=schema)


def read(
    kind: str, paths: list[str], given: dict[str, Any], *, recurse: bool, schema: str | None = None
) -> DataFrame:
    """Read files as Glue does: text stays text in CSV, a file without header has ``col0``, ``col1``, …."""
    header = formats.flag(given.get("withHeader", False))
    reader = _session().read.options(**formats.options(kind, given, header=header))
    if recurse and not _partitioned(paths):
        reader = reader.option("recursiveFileLookup", "true")
    if formats.flag(given.get("skipFirst", False)) and not header:
        missing("format option skipFirst without withHeader")
    rows = (reader.schema(schema) if schema else reader).format(kind).load(paths)
    if kind == "csv" and not header and not schema:
        rows = rows.withColumnsRenamed({f"_c{index}": f"col{index}" for index in range(len(rows.columns))})
    if kind == "json" and not schema:
        rows = _with_null_fields(rows, reader.option("dropFieldIfAllNull", "true").json(paths))
    name = given.get("attachFilename")
    return rows.withColumn(name, f.input_file_name()) if name else rows


def _with_null_fields(rows: DataFrame, others: DataFrame) -> DataFrame:
    """Return the rows with the type null for fields without a value, which are text for Spark.

    Parameters
    ----------
    rows
        The rows, as Spark reads them.
    others
        The same without such fields.
    """
    text = [field.name for field in rows.schema if isinstance(field.dataType, StringType)]
    empty = {name: f.lit(None) for name in text if name not in others.columns}
    return rows.withColumns(empty) if empty else rows


def _partitioned(paths: list[str]) -> bool:
    """Return whether the first data file lies in a folder like ``year=2026``, which Spark makes a column."""
    context = _session().sparkContext
    if not paths or context._jvm is None:
        return False
    root = context._jvm.org.apache.hadoop.fs.Path(paths[0])
    files = root.getFileSystem(context._jsc.hadoopConfiguration()).listFiles(root, True)
    while files.hasNext():
        file = files.next().getPath()
        if not file.getName().startswith(("_", ".")):  # _SUCCESS, for example, lies above the folders
            return "=" in file.toString().removeprefix(paths[0]).rpartition("/")[0]
    return False


def _session() -> SparkSession:
    return SparkSession.builder.getOrCreate()
