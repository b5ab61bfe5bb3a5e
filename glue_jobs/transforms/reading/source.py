# SPDX-License-Identifier: Apache-2.0
"""One input object: what it is and which columns it has, known before Spark reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pyspark.sql import SparkSession

from transforms.reading.columns import Column, plan_columns
from transforms.reading.formats import Format, format_of
from transforms.reading.header import csv_names, json_names, line_separator
from transforms.reading.storage import read_head

PARTITION_BYTES: Final = 32 << 20  # of text in one partition after the first exchange
GZIP_RATIO: Final = 6  # text to gzip, about, for such data


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
    """

    uri: str
    format: Format
    size: int
    columns: tuple[Column, ...]
    line_separator: str = "\n"

    @property
    def partitions(self) -> int:
        """How many partitions its rows fill.

        Spark does not adapt the last exchange of a cached plan (SPARK-45282), and with its default of 200
        small data is mostly overhead; the size is known, so that the number can be too.
        """
        text = self.size * (GZIP_RATIO if self.format.compressed else 1)
        return 1 + text // PARTITION_BYTES


def open_source(spark: SparkSession, uri: str) -> Source:
    """Look at an object: its extension, its first bytes, its columns.

    Raises
    ------
    InputError
        When it cannot be read as what its extension says.
    SchemaError
        When it lacks a column that the contract requires.
    """
    form = format_of(uri)
    head = read_head(spark, uri, compressed=form.compressed)
    names = csv_names(head, uri) if form.kind == "csv" else json_names(head, uri, array=form.kind == "json")
    return Source(
        uri=uri,
        format=form,
        size=head.size,
        columns=plan_columns(names, uri),
        line_separator=line_separator(head),
    )
