# SPDX-License-Identifier: Apache-2.0
"""Reading: CSV as in RFC 4180, JSON in two forms, every byte accounted for."""

from __future__ import annotations

import codecs
import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import Row, SparkSession

from tests.listing import csv_line, header_line, json_record
from transforms.errors import InputError
from transforms.reading import open_source, read_records, storage
from transforms.reading.source import HEADER_BYTES

Place = Callable[..., Path]
RULES = {
    "plain": "No smoking.",
    "lines": 'One\r\ntwo, "three"\n\nfour',
    "accents": "café, 日本 😀",
    "u+fffd": "\ufffd",
}


def read(spark: SparkSession, path: Path) -> list[Row]:
    """All records, by id."""
    records = read_records(spark, open_source(spark, f"file://{path}")).collect()
    return sorted(records, key=lambda row: (row["id"] is None, row["id"] or ""))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8], ids=["", "bom"])
@pytest.mark.parametrize("compressed", [False, True], ids=["", "gz"])
def test_csv_fields_come_back_as_they_were_written(
    spark: SparkSession, place: Place, end: str, mark: bytes, compressed: bool
) -> None:
    lines = [header_line(), *(csv_line(id=str(n), house_rules=text) for n, text in enumerate(RULES.values()))]
    content = mark + end.join([*lines, ""]).encode()
    path = place(gzip.compress(content), "a.csv.gz") if compressed else place(content)
    rows = read(spark, path)
    assert [row["house_rules"] for row in rows] == list(RULES.values())
    assert {(row["_reason"], row["_raw"], row["_encoding"]) for row in rows} == {(None, None, None)}
    assert [row["price"] for row in rows] == ["$1,620 "] * 4


@pytest.mark.parametrize("spare", [-2, -1, 0, 1, 300], ids=lambda spare: f"{spare} bytes of a row")
def test_the_header_is_found_in_few_bytes_and_else_in_more(
    spark: SparkSession, place: Place, monkeypatch: pytest.MonkeyPatch, spare: int
) -> None:
    wide = "x" * (HEADER_BYTES - len(f"{header_line()},\r\n") - spare)
    path = place("\r\n".join([f"{header_line()},{wide}", *[csv_line() + ",1"] * 9, ""]).encode())
    source = open_source(spark, f"file://{path}")
    assert (source.columns[-1].name, source.line_separator) == (wide, "\r\n")
    monkeypatch.setattr(storage, "HEAD_BYTES", 1)  # as if nobody could read more
    if spare > 0:
        assert open_source(spark, f"file://{path}") == source
    else:
        with pytest.raises(InputError):
            open_source(spark, f"file://{path}")


def test_the_last_column_keeps_no_carriage_return(spark: SparkSession, place: Place) -> None:
    header = header_line().removesuffix(",license") + ",extra"
    lines = [header, csv_line(license="plain"), csv_line(license="") + "\r", csv_line(license="a,b"), ""]
    path = place("\r\n".join(lines).encode())
    rows = read_records(spark, open_source(spark, f"file://{path}")).collect()
    assert [row["other_25"] for row in rows] == ["plain", "\r", "a,b"]


def test_lines_that_end_in_different_ways_are_read_alike(spark: SparkSession, place: Place) -> None:
    text = f"{header_line()}\r\n{csv_line(id='1')}\n{csv_line(id='2')}\r\n{csv_line(id='3')}"
    rows = read(spark, place(text.encode()))
    assert [(row["id"], row["_reason"], row["other_25"]) for row in rows] == [
        ("1", None, None), ("2", None, None), ("3", None, None)
    ]  # fmt: skip


def test_lines_may_end_with_a_carriage_return_alone(spark: SparkSession, place: Place) -> None:
    rows = read(spark, place("\r".join([header_line(), csv_line(id="1"), csv_line(id="2")]).encode()))
    assert [row["id"] for row in rows] == ["1", "2"]


def test_blank_lines_are_no_records(spark: SparkSession, place: Place) -> None:
    rows = read(spark, place(["", csv_line(id="1"), "", "  \r", csv_line(id="2"), "\r", ""]))
    assert [(row["id"], row["_reason"]) for row in rows] == [("1", None), ("2", None)]


def test_empty_fields_are_null_quoted_or_not(spark: SparkSession, place: Place) -> None:
    line = csv_line(house_rules="RULES", name="NAME").replace("RULES", '""').replace("NAME", "")
    (row,) = read(spark, place([line]))
    assert (row["house_rules"], row["name"], row["_reason"]) == (None, None, None)


def test_two_records_in_one_line_are_one_malformed_record_kept_as_it_is(
    spark: SparkSession, place: Place
) -> None:
    joined = csv_line(id="1", name="a, b").removesuffix(",") + "," + csv_line(id="2", house_rules='"q"\nx')
    bad, good = sorted(read(spark, place([joined, csv_line(id="3")])), key=lambda row: row["_raw"] is None)
    assert (bad["_reason"], bad["_raw"]) == ("malformed_record", joined)
    assert (good["id"], good["_reason"]) == ("3", None)


def test_records_with_too_few_or_too_many_fields_are_malformed(spark: SparkSession, place: Place) -> None:
    lines = ["1,2,3", csv_line() + ",one more", "x", csv_line(id="5")]
    rows = read(spark, place(lines))
    assert sorted(row["_raw"] for row in rows if row["_raw"]) == sorted(lines[:3])
    assert [row["_reason"] for row in rows if row["id"]] == [None]


def test_a_record_that_is_not_utf8_keeps_its_bytes(spark: SparkSession, place: Place) -> None:
    lines = [csv_line(id="1", name="Zoë"), csv_line(id="2", name="Zoë 5 €"), csv_line(id="3", name="Zoë")]
    content = b"\n".join(
        [header_line().encode(), lines[0].encode(), lines[1].encode("cp1252"), lines[2].encode()]
    )
    rows = read(spark, place(content))
    assert [(row["id"], row["_reason"]) for row in rows] == [
        ("1", None),
        ("2", "malformed_record"),
        ("3", None),
    ]
    assert [row["name"] for row in rows[::2]] == ["Zoë", "Zoë"]
    assert (rows[1]["_encoding"], rows[1]["name"].encode("iso-8859-1")) == (
        "ISO-8859-1",
        "Zoë 5 €".encode("cp1252"),
    )


def test_a_character_cut_in_two_by_a_field_border_is_not_utf8(spark: SparkSession, place: Place) -> None:
    line = csv_line(name="A", host_id="B").encode().replace(b"A,B", b"A\xc3,\xa9B")
    (row,) = read(spark, place(header_line().encode() + b"\n" + line))
    assert row["_reason"] == "malformed_record"


def test_a_quote_that_is_never_closed_loses_nothing(spark: SparkSession, place: Place) -> None:
    text = "\n".join([header_line(), csv_line(id="1"), '2,"never closed', csv_line(id="3")])
    rows = read(spark, place(text.encode()))
    assert [row["_raw"] for row in rows if row["_raw"]] == ['2,"never closed\n' + csv_line(id="3")]


def test_columns_are_found_by_their_names_in_any_order(spark: SparkSession, place: Place) -> None:
    names = [name.upper().replace(" ", " - ") for name in header_line().split(",")]
    line = list(reversed(dict(zip(names, _fields(csv_line(id="8")), strict=True)).items()))
    content = ",".join(name for name, _ in line) + "\n" + csv_line([value for _, value in line])
    (row,) = read(spark, place(content.encode()))
    assert (row["id"], row["construction_year"], row["house_rules"]) == ("8", "2005", "No smoking.")


def _fields(line: str) -> list[str]:
    return next(csv.reader([line]))


def _write(records: list[Any], form: str) -> bytes:
    if form == "array":
        return json.dumps(records, indent=1, ensure_ascii=False).encode()
    return "\n".join(json.dumps(record) for record in records).encode()


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("array", "a.json"),
        ("array", "a.json.gz"),
        ("lines", "a.jsonl"),
        ("lines", "a.ndjson"),
        ("lines", "a.jsonl.gz"),
    ],
)
def test_json_records(spark: SparkSession, place: Place, form: str, name: str) -> None:
    records = [
        json_record(id=number, lat=40.80902, house_rules=text, country=None, name="", extra={"a": [1]})
        for number, text in enumerate(RULES.values())
    ]
    content = codecs.BOM_UTF8 + _write(records, form)
    rows = read(spark, place(gzip.compress(content) if name.endswith("gz") else content, name))
    assert [row["house_rules"] for row in rows] == list(RULES.values())
    assert [row["id"] for row in rows] == ["0", "1", "2", "3"]
    assert {(row["lat"], row["country"], row["name"], row["_reason"]) for row in rows} == {
        ("40.80902", None, None, None)
    }


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["", "gz"])
def test_lines_that_are_not_one_object_are_malformed_and_kept(
    spark: SparkSession, place: Place, pack: Callable[[bytes], bytes]
) -> None:
    good = json.dumps(json_record(id="1"))
    bad = ["{", "5", "[1]", "null", '"x"', good + good, good + "," + good, good + "] junk", '{"id": 1,}']
    bad += ["\0", '\0"x', '"', '"a""b', "#", " a,b;c\t", "\u0100\u0101\u0100", "\\", "x\ry", '"\u0101']
    name = "a.jsonl" if pack is bytes else "a.jsonl.gz"
    rows = read(spark, place(pack("\n".join([good, "", *bad, " "]).encode()), name))
    assert sorted(row["_raw"] for row in rows if row["_reason"] == "malformed_record") == sorted(bad)
    assert [row["id"] for row in rows if row["_reason"] is None] == ["1"]


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["", "gz"])
def test_a_line_that_is_not_utf8_keeps_its_bytes(
    spark: SparkSession, place: Place, pack: Callable[[bytes], bytes]
) -> None:
    bad = json.dumps(json_record(name="Zoë"), ensure_ascii=False).encode("iso-8859-1")
    content = json.dumps(json_record(id="1")).encode() + b"\n" + bad
    rows = read(spark, place(pack(content), "a.jsonl" if pack is bytes else "a.jsonl.gz"))
    (row,) = [row for row in rows if row["_reason"]]
    assert (row["_encoding"], row["_raw"].encode("iso-8859-1")) == ("ISO-8859-1", bad)


def test_elements_of_an_array_that_are_no_objects_are_malformed(spark: SparkSession, place: Place) -> None:
    rows = read(spark, place(_write([json_record(id="1"), 5, None, ["x"]], "array"), "a.json"))
    assert sorted(row["_raw"] for row in rows if row["_reason"]) == ["5", '["x"]', "null"]


def test_keys_that_are_no_columns_are_kept_aside(spark: SparkSession, place: Place) -> None:
    records = [json_record(id="1"), json_record(id="2", house_rules="x")]
    late = json_record(id="3", surprise=7)
    filler = [json_record(id="9", house_rules="y" * 900_000) for _ in range(2)]
    rows = read(spark, place(_write([*records, *filler, late], "lines"), "a.jsonl"))
    assert [row["_more"] for row in rows if row["id"] in ("1", "3")] == [None, {"surprise": "7"}]


def test_missing_keys_are_null(spark: SparkSession, place: Place) -> None:
    record = json_record(id="2")
    del record["price"]
    rows = read(spark, place(_write([json_record(id="1"), record], "lines"), "a.jsonl"))
    assert [row["price"] for row in rows] == ["$1,620 ", None]


NAMES = (
    "a b.csv", "50%20+1.csv", "{a,b}[c]*?.csv", "back\\slash.csv", "it's \"quoted\".csv", "run_id=5.csv",
    "#1.csv", "日本.csv", "a=1/b=2/c.csv",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_are_taken_literally(spark: SparkSession, place: Place, name: str) -> None:
    place([csv_line(id="2")], "a/b.csv")  # what a glob would find
    (row,) = read(spark, place([csv_line(id="1")], name))
    assert row["id"] == "1"
    assert not {"run_id", "a", "b"} & set(row.asDict())
