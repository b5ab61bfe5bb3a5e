# SPDX-License-Identifier: Apache-2.0
"""One input object: what it is and which columns it has, known before Spark reads it."""

from __future__ import annotations

import codecs
import importlib.util
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from pyspark.sql import SparkSession

from transforms.errors import InputError
from transforms.failures import explained
from transforms.reading.columns import Column, plan_columns
from transforms.reading.formats import Format, format_of
from transforms.reading.header import csv_names, json_names, line_separator
from transforms.reading.splits import SPLIT_BYTES, SplitPlan, survey_file
from transforms.reading.storage import Head, read_head

PARTITION_BYTES: Final = 32 << 20  # of text in one partition after the first exchange
GZIP_RATIO: Final = 6  # text to gzip, about, for such data
HEADER_BYTES: Final = 6_000  # enough for most; py4j hands a mebibyte over in a tenth of a second


@dataclass(frozen=True, kw_only=True)
class Source:
    """An input object that can be read.

    Attributes
    ----------
    uri, format
        Where and what it is.
    size
        Bytes as stored.
    columns
        In the order of the input.
    line_separator
        Of CSV.
    split_plans
        Offset of each split of a large CSV file -> what its task has to do; None when one task reads it all.
    """

    uri: str
    format: Format
    size: int
    columns: tuple[Column, ...]
    line_separator: str = "\n"
    split_plans: Mapping[int, SplitPlan] | None = None

    @property
    def partitions(self) -> int:
        """How many partitions its rows fill.

        Spark does not adapt the last exchange of a cached plan (SPARK-45282), and with its default of 200
        small data is mostly overhead; the size is known, so that the number can be too.
        """
        text = self.size * (GZIP_RATIO if self.format.compressed else 1)
        return 1 + text // PARTITION_BYTES


def open_source(spark: SparkSession, uri: str) -> Source:
    """Inspect an object: its extension, its first bytes, its columns.

    Raises
    ------
    InputError
        When it cannot be read as what its extension says.
    SchemaError
        When it lacks a column that the contract requires.
    """
    form = format_of(uri)
    head, names = _read_names(spark, uri, form)
    separator = line_separator(head)
    return Source(
        uri=uri,
        format=form,
        size=head.size,
        columns=plan_columns(names, uri),
        line_separator=separator,
        split_plans=_survey(spark, uri, form, head, separator),
    )


def _read_names(spark: SparkSession, uri: str, form: Format) -> tuple[Head, list[str]]:
    """Read the columns' names; of CSV from few bytes, where these show a header and a record."""
    if form == Format("csv", compressed=False):
        head = read_head(spark, uri, compressed=False, size=HEADER_BYTES)
        with suppress(InputError):  # what is wrong is told from more of the object
            names = csv_names(head, uri)
            if b"\n" in head.data.rstrip():
                return head, names
    head = read_head(spark, uri, compressed=form.compressed)
    if form.kind == "csv":
        return head, csv_names(head, uri)
    return head, json_names(head, uri, array=form.kind == "json")


def _survey(
    spark: SparkSession, uri: str, form: Format, head: Head, separator: str
) -> Mapping[int, SplitPlan] | None:
    """Cut a CSV file where it can be cut; gzip data cannot be: it is read from its beginning."""
    small = head.size <= SPLIT_BYTES  # not worth the start of a Python worker
    if form.kind != "csv" or form.compressed or small or separator == "\r" or not _has_arrow():
        return None
    mark = len(codecs.BOM_UTF8) if head.data.startswith(codecs.BOM_UTF8) else 0
    with explained(uri):
        return survey_file(spark, uri, head.size, mark=mark)


def _has_arrow() -> bool:
    """Return whether the Python workers can take records apart: PySpark does not bring pyarrow, Glue does."""
    return importlib.util.find_spec("pyarrow") is not None
