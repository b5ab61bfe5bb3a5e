# SPDX-License-Identifier: Apache-2.0
"""What an object holds, told from its beginning: the built-in classifiers for JSON and CSV.

Source: https://docs.aws.amazon.com/glue/latest/dg/add-classifier.html , "Built-in classifiers".
"""

from __future__ import annotations

import csv
import io
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

HEAD_BYTES = 1024 * 1024
_TEXT = "org.apache.hadoop.mapred.TextInputFormat"
_OUTPUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
_SERDES = {
    "csv": "org.apache.hadoop.hive.serde2.OpenCSVSerde",
    "json": "org.openx.data.jsonserde.JsonSerDe",
    "UNKNOWN": "",
}


@dataclass(frozen=True, kw_only=True)
class Found:
    """The format of an object, and its columns: names and Hive types."""

    classification: str
    columns: tuple[tuple[str, str], ...] = ()

    def is_like(self, other: Found) -> bool:
        """Tell whether both belong into one table: same format, same names."""
        names = [name for name, _ in self.columns]
        return self.classification == other.classification and names == [name for name, _ in other.columns]

    def table(self, location: str) -> dict[str, Any]:
        """Return the parts of a TableInput that the content decides."""
        header = {"skip.header.line.count": "1"} if self.classification == "csv" else {}
        parameters = {"classification": self.classification, "typeOfData": "file", **header}
        return {
            "Parameters": parameters,
            "StorageDescriptor": {
                "Columns": [{"Name": name, "Type": kind} for name, kind in self.columns],
                "Location": location,
                "InputFormat": _TEXT,
                "OutputFormat": _OUTPUT,
                "SerdeInfo": {"SerializationLibrary": _SERDES[self.classification]},
                "Parameters": parameters,
            },
        }


def classify(key: str, head: bytes) -> Found:
    r"""Tell what the object with this key and beginning holds.

    Examples
    --------
    >>> classify("a.csv", b"id,price\n1,2.5\n").columns
    (('id', 'bigint'), ('price', 'double'))
    """
    text = _text(key, head)
    if text.lstrip()[:1] in ("{", "["):
        return _json(text)
    return _csv(text, cut=len(head) >= HEAD_BYTES)


def _text(key: str, head: bytes) -> str:
    if key.endswith(".gz"):
        try:
            head = zlib.decompressobj(wbits=31).decompress(head, HEAD_BYTES)
        except zlib.error:
            return ""
    return head.decode("utf-8-sig", errors="replace")


def _json(text: str) -> Found:
    decoder, start = json.JSONDecoder(), text.lstrip().removeprefix("[").lstrip()
    try:
        record, _ = decoder.raw_decode(start)
    except ValueError:
        return Found(classification="UNKNOWN")
    if not isinstance(record, dict):
        return Found(classification="UNKNOWN")
    columns = tuple((name.lower(), _json_type(value)) for name, value in record.items())
    return Found(classification="json", columns=columns)


def _json_type(value: object) -> str:
    return {bool: "boolean", int: "int", float: "double"}.get(type(value), "string")


def _csv(text: str, *, cut: bool) -> Found:
    rows = list(csv.reader(io.StringIO(text)))
    if cut:
        rows.pop()
    if len(rows) < 2 or len(rows[0]) < 2:  # one column alone is no CSV to the classifier
        return Found(classification="UNKNOWN")
    header, body = rows[0], [row for row in rows[1:] if len(row) == len(rows[0])]
    columns = tuple(
        (name.lower(), _csv_type([row[index] for row in body])) for index, name in enumerate(header)
    )
    return Found(classification="csv", columns=columns)


def _csv_type(values: Sequence[str]) -> str:
    given = [value.strip() for value in values if value.strip()]
    for kind, read in (("bigint", int), ("double", float)):
        if given and all(_is(read, value) for value in given):
            return kind
    return "string"


def _is(read: type[int] | type[float], value: str) -> bool:
    try:
        read(value)
    except ValueError:
        return False
    return True
