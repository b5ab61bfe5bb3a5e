# SPDX-License-Identifier: Apache-2.0
"""From an object to records: every record of the input is a row, whatever is wrong with it."""

from __future__ import annotations

from pyspark.sql import DataFrame, SparkSession

from transforms.reading.columns import dropped_columns, unknown_columns
from transforms.reading.csv_records import read_csv
from transforms.reading.json_records import read_json
from transforms.reading.source import Source, open_source

__all__ = ["Source", "dropped_columns", "open_source", "read_records", "unknown_columns"]


def read_records(spark: SparkSession, source: Source) -> DataFrame:
    """Plan the reading of a source; nothing is read before an action.

    Returns
    -------
    DataFrame
        Text columns named as in the contract (``Column.inner``), and ``_reason``: ``malformed_record`` for a
        record with the wrong number of fields or with text that is not UTF-8, else null.
    """
    return read_csv(spark, source) if source.format.kind == "csv" else read_json(spark, source)
