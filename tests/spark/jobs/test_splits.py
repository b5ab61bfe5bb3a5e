# SPDX-License-Identifier: Apache-2.0
"""A large CSV file is read by many tasks, and nobody can tell from the rows."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import Row, SparkSession

from tests.listing import csv_line, header_line
from transforms.reading import open_source, read_records, source, splits
from transforms.reading.csv_workers import record_reader
from transforms.reading.quotes import after_line
from transforms.reading.splits import Split, SplitPlan, plan_splits
from transforms.reading.survey import survey

Place = Callable[..., Path]
NAMES = ["a", "b", "c"]
FIELD = st.text(alphabet='x,"\n \xe9', max_size=5)
FILES = st.tuples(
    st.lists(st.lists(FIELD, min_size=1, max_size=4), max_size=12), st.sampled_from(["\n", "\r\n"])
)


def lines_by_split(data: bytes, size: int) -> Iterator[pa.RecordBatch]:
    """Hadoop's rule: a split has the lines that begin in it, one at its very end included, but not at 0."""
    offset, rows = 0, []
    for line in data.split(b"\n"):
        if line or offset < len(data):
            start = 0 if offset == 0 else (offset - 1) // size * size
            rows.append({"start": start, "line": line})
        offset += len(line) + 1
    for row in rows:  # one line a batch: the hardest
        yield pa.RecordBatch.from_pylist([row], pa.schema([("start", pa.int64()), ("line", pa.binary())]))


def read(data: bytes, size: int) -> list[tuple[str | None, ...]] | None:
    """Read a file as the tasks do."""
    found = [Split(**row) for batch in survey(lines_by_split(data, size)) for row in batch.to_pylist()]
    plan = plan_splits(found, len(data))
    if plan is None:
        return None
    reader = record_reader(NAMES, {start: (share.skip, share.tail) for start, share in plan.items()})
    rows = [row for batch in reader(lines_by_split(data, size)) for row in batch.to_pylist()]
    return [tuple(row[name] for name in (*NAMES, "_raw")) for row in rows]


def line_of(record: list[str], end: str) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator=end).writerow(record)
    return text.getvalue()


@settings(deadline=None)  # the first example imports
@given(FILES, st.integers(1, 40))
def test_any_file_is_read_as_by_one_reader(file: tuple[list[list[str]], str], size: int) -> None:
    records, end = file
    rows = read("".join(line_of(record, end) for record in (NAMES, *records)).encode(), size)
    assert rows is not None
    assert Counter(row[:3] for row in rows if row[3] is None) == Counter(
        tuple(field or None for field in record) for record in records if len(record) == len(NAMES)
    )
    others = [line_of(record, end).removesuffix(end) for record in records if len(record) != len(NAMES)]
    assert Counter(row[3] for row in rows if row[3]) == Counter(line for line in others if line.strip())


@settings(deadline=None)
@given(st.binary(max_size=60), st.integers(1, 20))
def test_whatever_the_bytes_each_record_is_read_once_or_one_task_reads_all(data: bytes, size: int) -> None:
    data = b"a,b,c\n" + data
    rows = read(data, size)
    at_once = read(data, len(data) + 1)
    assert rows is None or at_once is None or Counter(rows) == Counter(at_once)


@pytest.mark.parametrize(
    ("line", "outside", "inside"),
    [
        (b"1,2", False, True),
        (b"", False, True),
        (b'1,"a, ""b"""\r', False, None),
        (b'1,"a', True, None),
        (b'a"', None, False),
        (b'a",1,"b', None, True),
        (b'a",1\r', None, False),
        (b'""', False, True),
        (b'"', True, False),
        (b'1, "a"', None, None),
        (b'"a" ,1', None, None),
        (b'"a"b', None, None),
        (b'5" pipe', None, None),
    ],
)
def test_what_a_line_does_to_quotes(line: bytes, outside: bool | None, inside: bool | None) -> None:
    assert (after_line(line, inside=False), after_line(line, inside=True)) == (outside, inside)


def test_a_record_may_pass_through_whole_splits() -> None:
    found = [
        Split(0, 10, True, None, b"", 0),
        Split(10, 5, False, True, b"more", 1),
        Split(20, 12, False, True, b'end",2', 1),
        Split(40, 4, False, False, b'x"', 1),
    ]
    assert plan_splits(found, 31) == {
        0: SplitPlan(0, b'more\nend",2'),
        10: SplitPlan(1, None),
        20: SplitPlan(1, b'x"'),
        40: SplitPlan(1, None),
    }


def test_a_line_that_was_left_out_and_a_quote_that_is_not_closed_are_found() -> None:
    whole = [Split(0, 10, False, None, b"", 0), Split(10, 10, False, True, b"", 0)]
    assert plan_splits(whole, 20) == {0: SplitPlan(0, None), 10: SplitPlan(0, None)}
    assert plan_splits(whole, 19) == plan_splits(whole, 20)  # without the last line break
    assert plan_splits(whole, 30) is None
    assert plan_splits([Split(0, 10, True, None, b"", 0)], 10) is None


@pytest.fixture
def small_splits(monkeypatch: pytest.MonkeyPatch, spark: SparkSession) -> Iterator[None]:
    monkeypatch.setattr(splits, "SPLIT_BYTES", 700)
    monkeypatch.setattr(source, "SPLIT_BYTES", 700)
    kept = ("spark.sql.files.minPartitionNum", "spark.sql.files.maxPartitionBytes")
    yield
    for name in kept:
        spark.conf.unset(name)


def rows_of(spark: SparkSession, path: Path) -> tuple[int, list[Row]]:
    found = open_source(spark, f"file://{path}")
    names = [column.inner for column in found.columns]
    records = read_records(spark, found).select(*names, "_reason", "_encoding", "_raw").collect()
    return len(found.split_plans or ()), sorted(records, key=str)


MIXED = [
    *(csv_line(id=str(number), house_rules=f'One\r\n"two", {number}\n\nfour é') for number in range(40)),
    "", " \t", "1,2,3", csv_line() + ",one more", csv_line(id="90", house_rules="x" * 3000),
    csv_line(id="91").replace("Elise", "\udce9lise"), "\udce9,2", csv_line(id="92", license='a"b'),
]  # fmt: skip


@pytest.mark.parametrize(("end", "mark"), [("\n", b""), ("\r\n", b"\xef\xbb\xbf")])
def test_many_tasks_find_the_rows_that_one_task_finds(
    spark: SparkSession,
    place: Place,
    small_splits: None,
    monkeypatch: pytest.MonkeyPatch,
    end: str,
    mark: bytes,
) -> None:
    path = place(mark + end.join([header_line(), *MIXED, ""]).encode(errors="surrogateescape"))
    tasks, many = rows_of(spark, path)
    monkeypatch.setattr(source, "SPLIT_BYTES", 1 << 30)
    one_task, one = rows_of(spark, path)
    assert (tasks > 10, one_task) == (True, 0)
    assert len(one) == 40 + 6
    assert many == one


@pytest.mark.parametrize("field", ['5" pipe', '"a" b', '"never closed', "a\rb"])
def test_one_task_reads_what_readers_differ_on(
    spark: SparkSession, place: Place, small_splits: None, field: str
) -> None:
    lines = [*(csv_line(id=str(number)) for number in range(30)), csv_line(id="90").replace("Elise", field)]
    tasks, rows = rows_of(spark, place(lines))
    assert tasks == 0
    assert {str(number) for number in range(30)} <= {row["id"] for row in rows}
