# SPDX-License-Identifier: Apache-2.0
"""First bytes of files that people upload: the columns, or one sentence with what the file is."""

from __future__ import annotations

import bz2
import codecs
import csv
import gzip
import io
import json
import lzma
import time
import zipfile

import pytest

from tests.listing import GOOD, csv_line, header_line, json_record
from transforms.errors import InputError, SchemaError
from transforms.reading.columns import MAX_COLUMNS, plan_columns
from transforms.reading.header import csv_names, json_names
from transforms.reading.storage import Head, unpack

CSV = f"{header_line()}\r\n{csv_line(house_rules='a;b|c')}\r\n{csv_line(id='2')}\r\n"
RECORD = json.dumps(json_record())
AS_CSV = "save it as CSV UTF-8 (comma delimited) and upload that"
AS_UTF8 = "save it as UTF-8 and upload it again"
UNPACK = "unpack it and upload the file in it"
EXPORT = "export it as CSV or JSON lines and upload that"


def separated(separator: str) -> str:
    """The good listing with another separator."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(csv.reader(io.StringIO(CSV)))
    return text.getvalue()


def archive(name: str) -> bytes:
    """A zip archive with one member."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr(name, CSV)
    return data.getvalue()


def names(data: bytes, name: str = "a.csv") -> list[str]:
    """The columns of a whole file."""
    head = Head(data=data, complete=True, size=len(data))
    if ".csv" in name:
        return csv_names(head, name)
    return json_names(head, name, array=".json" in name and ".jsonl" not in name)


TEXTS = {
    "semicolons": (separated(";"), f"is separated by semicolons, not commas: {AS_CSV}"),
    "tabs": (separated("\t"), f"is separated by tabs, not commas: {AS_CSV}"),
    "vertical bars": (separated("|"), f"is separated by vertical bars, not commas: {AS_CSV}"),
    "hive": (separated("\x01"), f"is separated by Ctrl-A, as Hive writes, not commas: {AS_CSV}"),
    "semicolons, other names": ("a;b;c\n1;2;3\n", f"is separated by semicolons, not commas: {AS_CSV}"),
    "sep=;": (
        f"sep=;\r\n{separated(';')}",
        "begins with a hint for Excel, 'sep=;': delete that line, and separate the fields by commas",
    ),
    "sep=,": (f"sep=,\n{CSV}", "begins with a hint for Excel, 'sep=,': delete that line"),
    "quoted sep": (f'"sep=,"\n{CSV}', "begins with a hint for Excel, 'sep=,': delete that line"),
    "sep=ESC": (f"sep=\x1b\n{CSV}", r"begins with a hint for Excel, 'sep=\x1b': delete that line"),
    "title": (f"Airbnb Open Data,,,\n{CSV}", "has its header in line 2: delete the lines before it"),
    "title with a quote": (f'"Open" "data\n{CSV}', "has its header in line 2: delete the lines before it"),
    "comments": (f"# exported\n# 2024\n\n{CSV}", "has its header in line 4: delete the lines before it"),
    "title and semicolons": (
        f"Listings\n{separated(';')}",
        "has its header in line 2, separated by semicolons, not commas: delete the lines before it, "
        f"and {AS_CSV}",
    ),
    "no header": (
        "\n".join(CSV.splitlines()[1:]),
        "has no header: its first line is data, such as 1; add the line with the names",
    ),
    "lines in quotes": (
        "\n".join('"' + line.replace('"', '""') + '"' for line in CSV.splitlines()),
        "has each line in quotes, as one field: take these quotes away and upload it again",
    ),
    "html": (
        "\n <!DOCTYPE html>\n<html><body>login</body></html>\n",
        "is a web page, such as a login or an error, and not the data: download it again",
    ),
    "S3 error": (
        '<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code><Message>No</Message></Error>\n',
        "is an error that S3 answered, AccessDenied, and not the file: download it again",
    ),
    "xml": ('<?xml version="1.0"?>\n<rows><row id="1"/></rows>\n', f"is XML: {EXPORT}"),
    "git-lfs": (
        "version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 35000000\n",
        "is a pointer of Git LFS and not the file itself: run git lfs pull and upload what that brings",
    ),
    "json": (f"[{RECORD}]", "holds JSON: end its name in .json, or .jsonl"),
    "json lines": (f"{RECORD}\n{RECORD}\n", "holds JSON: end its name in .json, or .jsonl"),
    "only a mark": ("\ufeff", "is empty"),
    "two marks": (f"\ufeff\ufeff{CSV}", f"begins with two byte order marks: {AS_UTF8}"),
}
BYTES = {
    "utf-16": (CSV.encode("utf-16"), f"is text in UTF-16, as Excel's Unicode Text is: {AS_UTF8}"),
    "utf-16-be": (codecs.BOM_UTF16_BE + CSV.encode("utf-16-be"), f"is text in UTF-16: {AS_UTF8}"),
    "no mark, le": (CSV.encode("utf-16-le"), f"is text in UTF-16 without a byte order mark: {AS_UTF8}"),
    "no mark, be": (CSV.encode("utf-16-be"), f"is text in UTF-16 without a byte order mark: {AS_UTF8}"),
    "utf-32": (CSV.encode("utf-32"), f"is text in UTF-32: {AS_UTF8}"),
    "latin-1": (CSV.replace("NAME", "Größe").encode("latin-1"), f"is not text in UTF-8: {AS_UTF8}"),
    "gzip": (
        gzip.compress(CSV.encode()),
        "is gzip, and its name does not say so: end the name in .gz and upload it again",
    ),
    "zip": (archive("listings.csv"), f"is a zip archive: {UNPACK}"),
    "xlsx": (archive("xl/workbook.xml"), f"is an Excel workbook (.xlsx): {AS_CSV}"),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", f"is a workbook of an old Excel (.xls): {AS_CSV}"),
    "bzip2": (bz2.compress(CSV.encode()), f"is compressed with bzip2: {UNPACK}"),
    "xz": (lzma.compress(CSV.encode()), f"is compressed with xz: {UNPACK}"),
    "zstd": (b"\x28\xb5\x2f\xfd\x24\x00", f"is compressed with zstd: {UNPACK}"),
    "7z": (b"7z\xbc\xaf\x27\x1c\x00\x04", f"is a 7z archive: {UNPACK}"),
    "parquet": (b"PAR1\x15\x04\x15\x10PAR1", f"is Parquet: {EXPORT}"),
    "orc": (b"ORC\x11\x00\x00\n", f"is ORC: {EXPORT}"),
    "avro": (b"Obj\x01\x04\x14avro.codec", f"is Avro: {EXPORT}"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3", "is a PDF document: upload the data that it was made of"),
}  # fmt: skip
OTHER_NAMES = {
    "array": (json.dumps([json_record()], indent=1), "a.jsonl", "is one JSON array: end its name in .json"),
    "csv as json": (CSV, "a.json", "holds CSV: end its name in .csv"),
    "tabs as jsonl": (separated("\t"), "a.jsonl", "holds CSV: end its name in .csv"),
    "xml as json": ("<Error><Code>SlowDown</Code></Error>", "a.json",
                    "is an error that S3 answered, SlowDown, and not the file: download it again"),
    "parquet as jsonl": ("PAR1\x15", "a.jsonl", f"is Parquet: {EXPORT}"),
}  # fmt: skip
REFUSED = {
    **{case: (text.encode(), "a.csv", says) for case, (text, says) in TEXTS.items()},
    **{case: (data, "a.csv", says) for case, (data, says) in BYTES.items()},
    **{case: (text.encode(), name, says) for case, (text, name, says) in OTHER_NAMES.items()},
    "gzip twice": (
        gzip.compress(b"x"),
        "a.csv.gz",
        "is compressed twice: unpack it once and upload it again",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_table_of_ours_is_told_by_what_it_is(case: str) -> None:
    data, name, says = REFUSED[case]
    with pytest.raises(InputError) as failure:
        names(data, name)
    assert str(failure.value) == f"{name} {says}."


@pytest.mark.parametrize("data", [archive("xl/workbook.xml"), b"<html>login</html>"])
def test_what_should_be_gzip_is_told_by_what_it_is(data: bytes) -> None:
    with pytest.raises(InputError, match=r"^F is (an Excel workbook|a web page)"):
        unpack(data, complete=True, uri="F")


STRANGE = ("PAR1", "<id>", '{"a": 1}', "[1]", "sep=;", "x;y\tz|", "version https://git-lfs.github.com/spec/v1",
           "%PDF-1.7", "BZh9", "", "# a comment", "2019", "$5")  # fmt: skip


@pytest.mark.parametrize("first", STRANGE)
def test_a_good_file_is_read_whatever_it_looks_like(first: str) -> None:
    lines = [csv_line([first, *GOOD]), csv_line(["1", *GOOD.values()]), csv_line(["1;2;3", *GOOD.values()])]
    assert names("\n".join(lines).encode()) == [first, *GOOD]


def test_columns_that_are_really_missing_are_named() -> None:
    without = {name: value for name, value in GOOD.items() if name not in ("price", "lat")}
    for data in (
        f"{csv_line([*without])}\n{csv_line([*without.values()])}",
        "a,b\n1,x;price;y\n",
        "listings\nx\n",
    ):
        with pytest.raises(SchemaError, match=r"^a\.csv lacks the columns "):
            names(data.encode())


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
@pytest.mark.parametrize("number", [MAX_COLUMNS + 1, 60_000])
def test_too_many_columns_are_refused_at_once(kind: str, number: int) -> None:
    more = [f"extra {index}" for index in range(number - len(GOOD))]
    header = f"{csv_line([*GOOD, *more])}\n1\n"
    record = json.dumps(json_record() | dict.fromkeys(more))
    begun = time.process_time()
    with pytest.raises(SchemaError) as failure:
        names((header if kind == "csv" else record).encode(), f"a.{kind}")
    assert time.process_time() - begun < 2
    assert str(failure.value) == (
        f"a.{kind} has {number} columns, and no more than {MAX_COLUMNS} are read: leave out those that are "
        "not needed."
    )


def test_as_many_columns_as_are_allowed_are_read_and_equal_names_kept_apart() -> None:
    more = ["extra"] * (MAX_COLUMNS - len(GOOD))
    columns = plan_columns(names(f"{csv_line([*GOOD, *more])}\n1\n".encode()), "F")
    kept = [column.kept_as for column in columns[len(GOOD) :]]
    assert kept == ["extra", *(f"extra_{copy}" for copy in range(2, len(more) + 1))]


def test_names_of_enormous_length_are_refused() -> None:
    with pytest.raises(
        SchemaError, match="has column names of more than 32768 characters in all: shorten them"
    ):
        names(f"{csv_line([*GOOD, 'x' * 33_000])}\n1\n".encode())


def test_making_names_distinct_takes_linear_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transforms.reading.columns.MAX_COLUMNS", 1 << 20)
    monkeypatch.setattr("transforms.reading.columns.MAX_HEADER", 1 << 20)
    begun = time.process_time()
    columns = plan_columns([*GOOD, *["n"] * 60_000], "F")
    assert time.process_time() - begun < 5  # quadratic: minutes
    assert columns[-1].kept_as == "n_60000"
