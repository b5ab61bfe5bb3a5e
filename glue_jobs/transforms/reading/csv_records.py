# SPDX-License-Identifier: Apache-2.0
"""CSV as in RFC 4180: fields over several lines, quotes doubled inside quotes, a header."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pyspark import cloudpickle
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as fn
from pyspark.sql.types import StringType, StructField, StructType

from transforms.failures import MAX_CHARACTERS, MAX_FIELDS
from transforms.fields import ENCODING, MALFORMED, RAW, REASON
from transforms.reading.source import Source
from transforms.reading.splits import SplitPlan, read_lines

_BYTES: Final = "ISO-8859-1"  # every byte is a character there: nothing is lost before it is looked at
_OPTIONS: Final[dict[str, str | int | bool]] = {
    "header": True,
    "enforceSchema": True,  # the header has been checked; it is only skipped here
    "multiLine": True,
    "quote": '"',
    "escape": '"',
    "encoding": _BYTES,
    "mode": "PERMISSIVE",
    "columnNameOfCorruptRecord": RAW,
    "maxCharsPerColumn": MAX_CHARACTERS,
    "maxColumns": MAX_FIELDS,
}


def read_csv(spark: SparkSession, source: Source) -> DataFrame:
    """Read every record: a text column per column of the source, ``_reason``, ``_encoding`` and ``_raw``."""
    if source.split_plans is None:
        return _read_in_one_task(spark, source)
    return _read_in_many(spark, source, source.split_plans)


def _read_in_many(spark: SparkSession, source: Source, plans: Mapping[int, SplitPlan]) -> DataFrame:
    """Let each task read the records that begin in its split."""
    from transforms.reading import csv_workers

    cloudpickle.register_pickle_by_value(csv_workers)  # type: ignore[no-untyped-call]  # as in ``splits``
    names = [column.inner for column in source.columns]
    schema = StructType([StructField(name, StringType()) for name in (*names, RAW, REASON, ENCODING)])
    read = csv_workers.record_reader(names, {start: (plan.skip, plan.tail) for start, plan in plans.items()})
    return read_lines(spark, source.uri, source.size).mapInArrow(read, schema)


def _read_in_one_task(spark: SparkSession, source: Source) -> DataFrame:
    """Stream the file through one task, with the memory of one record; the first exchange spreads the rows.

    Column pruning must be off in the session: with it Spark does not count the fields.
    """
    names = [column.inner for column in source.columns]
    # Spark compares the header with the schema, and warns: give it the names that it finds.
    found = [column.kept_as for column in source.columns]
    found[-1] += "\r" if source.line_separator == "\r\n" else ""
    schema = StructType([StructField(name, StringType()) for name in (*found, RAW)])
    # A file may mix both: read lines that end with \n, and take the \r away.
    reader = spark.read.schema(schema).options(**_OPTIONS, lineSep=source.line_separator[-1])
    records = reader.option("__globPaths__", "false").csv(source.uri).toDF(*names, RAW)
    return _decoded(_without_blank_lines(_without_carriage_return(records, names[-1])), names)


def _without_carriage_return(records: DataFrame, last: str) -> DataFrame:
    r"""Take the ``\r`` of ``\r\n`` from a last field without quotes; lines end with ``\n`` here."""
    bare = f"CASE WHEN endswith({last}, char(13)) THEN left({last}, length({last}) - 1) ELSE {last} END"
    return records.withColumn(last, fn.expr(f"nullif({bare}, '')"))


def _without_blank_lines(records: DataFrame) -> DataFrame:
    return records.where(rf"{RAW} IS NULL OR trim(regexp_replace({RAW}, r'\s', '')) != ''")


def _decoded(records: DataFrame, names: list[str]) -> DataFrame:
    """Read the bytes as UTF-8; a record with others keeps them, one character per byte, and is marked."""
    # One look at each record, not at each field; a line break ends whatever character a field has begun.
    whole = f"concat_ws(char(10), {', '.join((*names, RAW))})"
    kind = (
        f"CASE WHEN {_is_ascii(whole)} THEN 'ASCII' WHEN {_is_utf8(whole)} THEN 'UTF-8' ELSE '{_BYTES}' END"
    )
    not_utf8 = f"{ENCODING} = '{_BYTES}'"
    return records.selectExpr("*", f"{kind} AS {ENCODING}").selectExpr(
        *(f"CASE WHEN {RAW} IS NULL THEN {_text(name)} END AS {name}" for name in names),
        f"{_text(RAW)} AS {RAW}",
        f"CASE WHEN {not_utf8} OR {RAW} IS NOT NULL THEN '{MALFORMED}' END AS {REASON}",
        f"CASE WHEN {not_utf8} THEN '{_BYTES}' END AS {ENCODING}",
    )


def _text(name: str) -> str:
    return f"CASE WHEN {ENCODING} = 'UTF-8' THEN {_utf8(name)} ELSE {name} END"


def _is_ascii(text: str) -> str:
    return f"length({text}) = octet_length({text})"


def _utf8(text: str) -> str:
    return f"decode(encode({text}, '{_BYTES}'), 'UTF-8')"


def _is_utf8(text: str) -> str:
    """Decode and encode again: whatever was not UTF-8 has become U+FFFD, and no longer the same bytes."""
    return f"encode({_utf8(text)}, 'UTF-8') = encode({text}, '{_BYTES}')"
