# SPDX-License-Identifier: Apache-2.0
"""Reading for the pandas program: every field as text, malformed records apart."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv


def read_text(source: str) -> tuple[pd.DataFrame, list[str]]:
    """Read a CSV file with Arrow's reader: pandas' own one fills up a record that lacks fields.

    Returns
    -------
    rows
        Text columns under the contract's names, and ``_reason``: ``malformed_record`` where a text is not
        UTF-8. Nothing between two commas is null.
    malformed
        Records with another number of fields, as they stand there.
    """
    malformed: list[str] = []

    def keep(record: arrow_csv.InvalidRow) -> str:
        malformed.append(record.text)
        return "skip"

    # What is buffered behind the header need not be UTF-8.
    with Path(source).open(encoding="utf-8-sig", errors="replace", newline="") as file:
        names = next(csv.reader(file))
    table = arrow_csv.read_csv(
        source,
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=keep),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.binary()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )
    broken: set[int] = set()
    columns = {_contract_name(name): _decoded(table[name], broken) for name in names}
    rows = pa.table(columns).to_pandas()
    rows["_reason"] = None
    rows.loc[list(broken), "_reason"] = "malformed_record"
    return rows, malformed


def _contract_name(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.strip().lower())


def _decoded(values: pa.ChunkedArray, broken: set[int]) -> pa.ChunkedArray:
    """Take bytes as UTF-8; where that fails, byte by byte, and note the row."""
    try:
        return values.cast(pa.string())
    except pa.ArrowInvalid:
        texts: list[str | None] = []
        for index, value in enumerate(values.to_pylist()):
            try:
                texts.append(None if value is None else value.decode())
            except UnicodeDecodeError:
                broken.add(index)
                texts.append(value.decode("iso-8859-1"))
        return pa.chunked_array([texts], pa.string())
