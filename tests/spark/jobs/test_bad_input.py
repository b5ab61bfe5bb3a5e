# SPDX-License-Identifier: Apache-2.0
"""Input that cannot be used: one sentence that names the object, and nothing is written."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from pyspark.sql import SparkSession

import xray_helper.session
from demo.listing import HEADER
from tests.listing import csv_line, header_line, json_record
from tests.spark.jobs.samples import Run
from transforms import failures
from transforms.errors import InputError, SchemaError
from transforms.reading import json_records, open_source, read_records, storage
from transforms.reading.storage import unpack
from xray_helper.export.delivery import DeliveryReport

Place = Callable[..., Path]
Clean = Callable[..., Run]
GOOD = "\n".join([header_line(), csv_line(), ""]).encode()

NOT_GZIP = "is not gzip, or its gzip data is broken: compress it again and upload it."
CUT_GZIP = "ends in the middle of its gzip data: upload it again."
NO_ROWS = "has a header and no rows."
NO_END = "has a first line without an end: a header is expected there."
TOO_LONG = "has no header: a name in its first line is too long for one."
NOT_UTF8 = "is not text in UTF-8: save it as UTF-8 and upload it again."
UTF16 = "is text in UTF-16, as Excel's Unicode Text is: save it as UTF-8 and upload it again."
WEB_PAGE = "is a web page, such as a login or an error, and not the data: download it again."
NO_ARRAY = "is not an array of JSON objects: name one object per line .jsonl instead."
HEADER_ONLY = (",".join(HEADER) + "\r\n").encode()
NUMBERS = "is not an array of JSON objects: no record was found in its first 6 bytes."
WORDS = "is not JSON objects, one on each line: no record was found in its first 5 bytes."
CASES = {
    "empty": (b"", "a.csv", "is empty."),
    "empty gzip": (gzip.compress(b""), "a.csv.gz", "is empty."),
    "header only": (header_line().encode(), "a.csv", NO_ROWS),
    "header and blank lines": (f"{header_line()}\r\n\r\n \n".encode(), "a.csv", NO_ROWS),
    "blank first line": (b"\n" + GOOD, "a.csv", "begins with an empty line: a header is expected there."),
    "not gzip": (GOOD, "a.csv.gz", NOT_GZIP),
    "cut gzip": (gzip.compress(GOOD)[:-9], "a.csv.gz", CUT_GZIP),
    "utf-16": (GOOD.decode().encode("utf-16"), "a.csv", UTF16),
    "latin-1": (GOOD.replace(b"NAME", b"Gr\xf6\xdfe"), "a.csv", NOT_UTF8),
    "web page": (b"<html>login</html>", "a.csv.gz", WEB_PAGE),
    "endless name": (b"a" * (3 << 20), "a.csv", TOO_LONG),
    "endless header": (b"a,b,c," * (1 << 19), "a.csv", NO_END),
    "object": (b'{"a": 1}', "a.json", NO_ARRAY),
    "no records": (b" [ ] ", "a.json", "is an array without records, or is not JSON."),
    "numbers": (b"[1, 2]", "a.json", NUMBERS),
    "words": (b"hello", "a.jsonl", WORDS),
    "blank json": (b" \n ", "a.jsonl", "is empty."),
}


@pytest.mark.parametrize("case", CASES)
def test_it_is_refused_before_spark_reads_it(spark: SparkSession, place: Place, case: str) -> None:
    content, name, sentence = CASES[case]
    path = place(content, name)
    with pytest.raises(InputError) as failure:
        open_source(spark, f"file://{path}")
    assert str(failure.value) == f"file://{path} {sentence}"
    assert path.read_bytes() == content


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> list[ReadableSpan]:
    """Trace the job, and keep its spans instead of sending them."""
    kept: list[ReadableSpan] = []

    def keep(given: list[ReadableSpan], **_: Any) -> DeliveryReport:
        kept.extend(given)
        return DeliveryReport()

    monkeypatch.setattr(xray_helper.session, "deliver", keep)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    return kept


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.csv", b"", "empty"),
        ("header-only.csv", HEADER_ONLY, "a header and no rows"),
        ("broken.csv.gz", gzip.compress(HEADER_ONLY * 500)[:-20], "gzip"),
        ("not-records.json", b'{"a": [1, 2]}', "records"),
    ],
)
def test_the_job_fails_in_its_first_step_and_writes_nothing(
    clean: Clean,
    place: Place,
    tmp_path: Path,
    spans: list[ReadableSpan],
    name: str,
    content: bytes,
    says: str,
) -> None:
    path = place(content, name)
    with pytest.raises(InputError) as failure:
        clean(path)
    cause = str(failure.value)
    assert says in cause
    assert f"input/{name}" in cause
    assert "\n" not in cause
    (job,) = [span for span in spans if span.parent is None]
    assert {span.name for span in spans if not span.status.is_ok} == {job.name, "Read Data"}
    assert path.read_bytes() == content
    assert not (tmp_path / "clean").exists()


def test_replaced_dates_are_counted_on_the_trace(
    clean: Clean, place: Place, spans: list[ReadableSpan]
) -> None:
    lines = [csv_line(id=day, lat=day, last_review=f"{day}/10/2021") for day in ("10", "11", "12", "13")]
    run = clean(place([*lines, csv_line(id="1", last_review="")]))
    counted = json.dumps(run.summary["dates_replaced_by_reason"])
    assert counted == '{"missing": 1, "unreadable": 1}'
    found = {span.name: (span.attributes or {}).get("dates_replaced_by_reason") for span in spans}
    assert {name for name, value in found.items() if value == counted} == {
        "clean job",
        "Correct Review Dates",
    }


def test_missing_columns_are_named_with_those_that_are_there(spark: SparkSession, place: Place) -> None:
    path = place(GOOD.replace(b"room type", b"Room Kind").replace(b",lat,", b",latitude,"))
    with pytest.raises(SchemaError) as failure:
        open_source(spark, f"file://{path}")
    assert str(failure.value) == (
        f"file://{path} lacks the columns lat, room_type; it has id, name, host_id, host_identity_verified, "
        "host_name, neighbourhood_group, neighbourhood, latitude, long, country, country_code, "
        "instant_bookable, cancellation_policy, room_kind, construction_year, price, service_fee, "
        "minimum_nights, number_of_reviews, last_review, reviews_per_month, review_rate_number, "
        "calculated_host_listings_count, availability_365, house_rules, license."
    )


def test_a_column_that_is_there_twice_is_refused(spark: SparkSession, place: Place) -> None:
    path = place(GOOD.replace(b"license", b"Price"))
    with pytest.raises(SchemaError, match=r"has the column price more than once\.$"):
        open_source(spark, f"file://{path}")


def test_a_message_stays_short_whatever_the_header(spark: SparkSession, place: Place) -> None:
    path = place(",".join("x" * 80 for _ in range(256)).encode() + b"\n1\n")
    with pytest.raises(SchemaError, match=r"x…, .* and 196 more\.$") as failure:
        open_source(spark, f"file://{path}")
    assert len(str(failure.value)) < 5000


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv.zip", "a", "csv", "a.csv.GZ", "a.csv.gz.txt"])
def test_other_extensions_are_refused(spark: SparkSession, name: str) -> None:
    with pytest.raises(InputError) as failure:
        open_source(spark, f"s3://bucket/input/{name}")
    assert str(failure.value) == (
        f"s3://bucket/input/{name} is of an unsupported kind: its name must end in .csv, .json, .jsonl or "
        ".ndjson, each also with .gz in lower case."
    )


def test_an_object_that_is_not_there(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.csv does not exist: it was never there, or was deleted before"):
        open_source(spark, f"file://{tmp_path}/a.csv")


def test_a_directory_and_a_hidden_name(spark: SparkSession, place: Place) -> None:
    path = place(GOOD, "dir.csv/_a.csv")
    with pytest.raises(InputError, match=r"is a directory: name one object in it\.$"):
        open_source(spark, f"file://{path.parent}")
    with pytest.raises(InputError, match="has a name that Spark holds for hidden"):
        open_source(spark, f"file://{path}")


def test_gzip_that_breaks_late_is_found_while_spark_reads(
    monkeypatch: pytest.MonkeyPatch, clean: Clean, place: Place, tmp_path: Path
) -> None:
    monkeypatch.setattr(storage, "HEAD_BYTES", 4096)
    rules = (" ".join(str(zlib.crc32(f"{row} {word}".encode())) for word in range(40)) for row in range(300))
    lines = [csv_line(id=str(row), house_rules=text) for row, text in enumerate(rules)]
    packed = gzip.compress("\n".join([header_line(), *lines, ""]).encode())
    broken = packed[:-9000] + b"\xff" * 100 + packed[-8900:]
    cases = (
        ("cut.csv.gz", packed[:-5000], "ends in the middle of its gzip data: upload it again."),
        ("broken.csv.gz", broken, "has broken gzip data: compress it again and upload it."),
    )
    for name, content, sentence in cases:
        path = place(content, name)
        with pytest.raises(InputError) as failure:
            clean(path)
        assert str(failure.value) == f"file://{path} {sentence}"
    assert not (tmp_path / "clean").exists()


def test_an_object_that_is_deleted_after_the_first_look(spark: SparkSession, place: Place) -> None:
    path = place(GOOD)
    records = read_records(spark, open_source(spark, f"file://{path}"))
    path.unlink()
    with (
        pytest.raises(
            InputError, match=r"does not exist: it was never there, or was deleted before it was read\.$"
        ),
        failures.explained(f"file://{path}"),
    ):
        records.count()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("a.csv", "has a field of more than 1000000 characters: look for a quote that is never closed."),
        ("a.jsonl", "has a record of more than 1000000 characters."),
        ("a.json", "has a record of more than 1000000 characters."),
    ],
)
def test_one_enormous_field(clean: Clean, place: Place, name: str, sentence: str) -> None:
    huge = "x" * 1_000_001
    records = [json_record(), json_record(house_rules=huge)]
    content = {
        "a.csv": "\n".join([header_line(), csv_line(), csv_line(house_rules=huge)]),
        "a.jsonl": "\n".join(json.dumps(record) for record in records),
        "a.json": json.dumps(records),
    }[name]
    path = place(content.encode(), name)
    with pytest.raises(InputError) as failure:
        clean(path)
    assert str(failure.value) == f"file://{path} {sentence}"


def test_a_field_that_is_just_short_enough_is_read(clean: Clean, place: Place) -> None:
    assert clean(place([csv_line(house_rules="x" * 1_000_000)])).summary["rows_clean"] == 1


def test_a_record_of_too_many_fields(clean: Clean, place: Place) -> None:
    path = place([csv_line(), "," * 100_001])
    with pytest.raises(InputError) as failure:
        clean(path)
    assert str(failure.value) == f"file://{path} has a record of more than 100000 fields."


def test_a_packed_line_that_never_ends_is_read_no_further(clean: Clean, place: Place) -> None:
    good = json.dumps(json_record()).encode()
    path = place(gzip.compress(good + b"\n" + b" " * (64 << 20) + good), "a.jsonl.gz")
    with pytest.raises(InputError) as failure:
        clean(path)
    assert str(failure.value) == f"file://{path} has a record of more than 1000000 characters."


def test_a_packed_array_is_counted_before_it_is_parsed(
    monkeypatch: pytest.MonkeyPatch, clean: Clean, place: Place
) -> None:
    array = json.dumps([json_record(id=number) for number in range(100)]).encode()
    monkeypatch.setattr(json_records, "MAX_ARRAY_BYTES", len(array))
    assert (
        clean(place(gzip.compress(array[:99]) + gzip.compress(array[99:]), "a.json.gz")).summary["rows_read"]
        == 100
    )
    path = place(gzip.compress(array + b" " * (64 << 20)), "b.json.gz")
    with pytest.raises(InputError) as failure:
        clean(path)
    assert str(failure.value) == (
        f"file://{path} is one JSON array of at least {len(array) + 1} bytes, and more than {len(array)} "
        "are not parsed at once: send it as .jsonl."
    )


@pytest.mark.parametrize("end", [b"", b"] junk", b"\xff]"], ids=["cut off", "junk", "not utf-8"])
def test_a_json_array_that_breaks(clean: Clean, place: Place, end: bytes) -> None:
    path = place(b"[" + json.dumps(json_record()).encode() + end, "a.json")
    with pytest.raises(
        InputError, match=r"is not one JSON array in UTF-8: it is cut off, or has something else"
    ):
        clean(path)


def test_a_gzip_bomb_is_unpacked_no_further_than_the_head(spark: SparkSession, place: Place) -> None:
    bomb = gzip.compress(b"\0" * (64 << 20))
    text, complete = unpack(bomb, complete=True, uri="x")
    assert (len(text), complete) == (8 << 20, False)
    with pytest.raises(SchemaError, match="has no header: a name in its first line is too long"):
        open_source(spark, f"file://{place(bomb, 'a.csv.gz')}")


def test_gzip_with_several_members_is_read_to_its_end() -> None:
    text, complete = unpack(gzip.compress(b"one,") + gzip.compress(b"two"), complete=True, uri="x")
    assert (text, complete) == (b"one,two", True)
