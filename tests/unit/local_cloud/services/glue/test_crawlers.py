# SPDX-License-Identifier: Apache-2.0
"""What a crawler makes of the beginning of an object."""

from __future__ import annotations

import gzip

import pytest

from local_cloud.services.glue.crawlers.classify import HEAD_BYTES, classify

CSV = b'id,Host Name,price,rate\n1,"A, B",$10 ,4.5\n2,,$20 ,3\n'


def test_a_csv_file_has_typed_columns_in_lower_case() -> None:
    found = classify("input/a.csv", CSV)
    assert found.classification == "csv"
    assert found.columns == (
        ("id", "bigint"),
        ("host name", "string"),
        ("price", "string"),
        ("rate", "double"),
    )
    table = found.table("s3://b/input/")
    assert table["Parameters"]["skip.header.line.count"] == "1"
    assert table["StorageDescriptor"]["Columns"][0] == {"Name": "id", "Type": "bigint"}
    assert table["StorageDescriptor"]["Location"] == "s3://b/input/"


def test_a_compressed_file_is_read_through() -> None:
    assert classify("a.csv.gz", gzip.compress(CSV)).columns == classify("a.csv", CSV).columns


def test_a_record_cut_in_the_middle_decides_nothing() -> None:
    head = b"id,price\n" + b"1,2\n" * ((HEAD_BYTES - 9) // 4) + b"1,x"[: (HEAD_BYTES - 9) % 4]
    assert len(head) == HEAD_BYTES
    assert classify("a.csv", head).columns == (("id", "bigint"), ("price", "bigint"))


@pytest.mark.parametrize(
    "text", [b'{"Id": 1, "ok": true, "p": 1.5, "n": null}\n', b'[{"Id": 1, "ok": true, ']
)
def test_json_is_read_by_its_first_record(text: bytes) -> None:
    found = classify("a.json", text)
    if text.startswith(b"{"):
        expected = (("id", "int"), ("ok", "boolean"), ("p", "double"), ("n", "string"))
        assert (found.classification, found.columns) == ("json", expected)
    else:
        assert found.classification == "UNKNOWN"  # the record never ends


@pytest.mark.parametrize("content", [b"", b"one line\n", b"\x1f\x8bbroken"])
def test_what_is_no_table_is_unknown(content: bytes) -> None:
    assert classify("a.csv.gz" if content[:1] == b"\x1f" else "a.txt", content).classification == "UNKNOWN"
