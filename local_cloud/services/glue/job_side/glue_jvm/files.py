# SPDX-License-Identifier: Apache-2.0
"""Reading files as Glue does."""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.types import StringType

from glue_jvm import formats
from glue_jvm.missing import missing


def read(
    kind: str, paths: list[str], given: dict[str, Any], *, recurse: bool, schema: str | None = None
) -> DataFrame:
    """Read files: text stays text in CSV, a file without header has ``col0``, ``col1``, …."""
    header = formats.flag(given.get("withHeader", False))
    reader = session().read.options(**formats.options(kind, given, header=header))
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
    context = session().sparkContext
    if not paths or context._jvm is None:
        return False
    root = context._jvm.org.apache.hadoop.fs.Path(paths[0])
    files = root.getFileSystem(context._jsc.hadoopConfiguration()).listFiles(root, True)
    while files.hasNext():
        file = files.next().getPath()
        if not file.getName().startswith(("_", ".")):  # _SUCCESS, for example, lies above the folders
            return "=" in file.toString().removeprefix(paths[0]).rpartition("/")[0]
    return False


def session() -> SparkSession:
    """Return the script's session."""
    return SparkSession.builder.getOrCreate()
