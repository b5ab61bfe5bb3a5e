# SPDX-License-Identifier: Apache-2.0
"""JSON records: one object per line, or one array of objects."""

from __future__ import annotations

from typing import Any, Final

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as fn

from transforms.errors import InputError
from transforms.failures import MAX_CHARACTERS, MAX_LINE_BYTES, NOT_JSON, TOO_LONG
from transforms.fields import ENCODING, MALFORMED, MORE, RAW, REASON
from transforms.reading.source import Source
from transforms.reading.storage import unpacked_size

MAX_ARRAY_BYTES: Final = 256 << 20  # unpacked
HEAP_PER_BYTE: Final = 15  # of the array: with a heap of 1 GB 64 MB are parsed, and 128 MB end the JVM
_GZIP_RATIO: Final = 1032  # text to gzip, at most (zlib's technical details)
_BYTES: Final = "ISO-8859-1"  # every byte is a character there, and no character is beyond U+00FF
_ONE_FIELD: Final[dict[str, str | int | bool]] = {
    "multiLine": True, "lineSep": "\n", "encoding": _BYTES, "maxCharsPerColumn": MAX_LINE_BYTES,
    "sep": "\u0100", "quote": "\u0101", "escape": "\u0101",
}  # fmt: skip
_TEXT: Final = "text"
_RECORD: Final = "record"
_BLANK: Final = r"^[\s\x{FEFF}]*$"


def read_json(spark: SparkSession, source: Source) -> DataFrame:
    """Read every record: a text column per column of the source, and ``_reason`` and the other notes.

    Values keep their text, nested ones as JSON. Spark writes a number with a fraction anew: 1.50 as 1.5.
    """
    lines = _elements(spark, source) if source.format.kind == "json" else _lines(spark, source)
    parsed = lines.withColumn(_RECORD, _one_object(fn.col(_TEXT)))
    record, malformed = fn.col(_RECORD), fn.col(_RECORD).isNull() | fn.col(ENCODING).isNotNull()
    names = [column.name for column in source.columns]
    values = {column.inner: _not_empty(record[column.name]) for column in source.columns}
    more = fn.map_filter(record, lambda key, _: ~key.isin(names))
    return parsed.select(
        fn.when(malformed, MALFORMED).alias(REASON),
        ENCODING,
        fn.when(malformed, fn.col(_TEXT)).alias(RAW),
        fn.when(~malformed & (fn.size(more) > 0), more).alias(MORE),
        *(fn.when(~malformed, value).alias(name) for name, value in values.items()),
    )


def _lines(spark: SparkSession, source: Source) -> DataFrame:
    """Read one line per record, whatever its encoding."""
    read = _packed_lines(spark, source) if source.format.compressed else _plain_lines(spark, source)
    stored = fn.col("stored")
    text = fn.decode(stored, "UTF-8")
    checked = read.select(
        text.alias(_TEXT), fn.when(fn.encode(text, "UTF-8") != stored, fn.lit(_BYTES)).alias(ENCODING),
        fn.decode(stored, _BYTES).alias("as_stored"),
    )  # fmt: skip
    faithful = fn.when(fn.col(ENCODING).isNull(), fn.regexp_replace(_TEXT, r"^\x{FEFF}|\r$", ""))
    kept = checked.withColumn(_TEXT, fn.coalesce(faithful, fn.col("as_stored"))).drop("as_stored")
    return kept.where(~fn.col(_TEXT).rlike(_BLANK))


def _plain_lines(spark: SparkSession, source: Source) -> DataFrame:
    """Read lines in many tasks; Spark's text reader looks at no encoding."""
    read = spark.read.option("__globPaths__", "false").text(source.uri, lineSep="\n")
    return read.select(fn.col("value").cast("binary").alias("stored"))


def _packed_lines(spark: SparkSession, source: Source) -> DataFrame:
    """Read lines of gzip data, of bounded length: a small file may hold one that fills the memory.

    Spark's text reader takes whatever a line has; its CSV reader has a bound. Here a line is its only field.
    """
    reader = spark.read.schema("line string").options(**_ONE_FIELD).option("__globPaths__", "false")
    return reader.csv(source.uri).select(fn.encode("line", _BYTES).alias("stored"))


def _elements(spark: SparkSession, source: Source) -> DataFrame:
    """Read the elements of one array, each as text.

    One JSON document is parsed as a whole, in one task: its size is bounded. Bytes that are not UTF-8 make it
    no JSON (RFC 8259, section 8.1).

    Raises
    ------
    InputError
        When the array is larger than ``MAX_ARRAY_BYTES``, or than the heap has room for.
    """
    _check_array(spark, source)
    read = spark.read.option("__globPaths__", "false").text(source.uri, wholetext=True)
    document = fn.regexp_replace("value", r"^\x{FEFF}", "")
    values = _two_values(document, "array<array<string>>")
    elements = fn.coalesce(values, fn.raise_error(fn.lit(NOT_JSON)))
    return read.select(fn.explode(elements).alias(_TEXT)).select(
        fn.coalesce(_TEXT, fn.lit("null")).alias(_TEXT), fn.lit(None).cast("string").alias(ENCODING)
    )


def _check_array(spark: SparkSession, source: Source) -> None:
    jvm: Any = spark._jvm
    heap = int(jvm.java.lang.Runtime.getRuntime().maxMemory())  # the driver's; Glue's workers are all alike
    limit = min(MAX_ARRAY_BYTES, heap // HEAP_PER_BYTE)
    size, of = source.size, ""
    if source.format.compressed and size * _GZIP_RATIO > limit:
        size, of = unpacked_size(spark, source.uri, limit=limit), "at least "
    if size > limit:
        raise InputError(
            f"{source.uri} is one JSON array of {of}{size} bytes, and more than {limit} are not parsed at "
            "once: send it as .jsonl."
        )


def _one_object(text: Column) -> Column:
    """Parse a text that is exactly one JSON object, as key -> text; null when it is not."""
    bounded = fn.when(
        fn.length(text) > MAX_CHARACTERS, fn.raise_error(fn.lit(f"{TOO_LONG} allowed"))
    ).otherwise(text)
    return _two_values(bounded, "array<map<string,string>>")


def _two_values(text: Column, data_type: str) -> Column:
    """Parse ``[text, null]`` and take the text's part.

    Spark's parser stops after the first value: what follows it would be lost. With something after it the
    array has another length, or none.
    """
    both = fn.from_json(fn.concat(fn.lit("["), text, fn.lit("\n,null]")), data_type)
    return fn.when(fn.size(both) == 2, both[0])


def _not_empty(value: Column) -> Column:
    """Take empty text for null, as CSV has to: the same data gives the same rows in either format."""
    return fn.when(value != "", value)
