# SPDX-License-Identifier: Apache-2.0
"""Run in Spark's Python workers: from the lines of a split to the fields of its records.

Only files whose quotes are all where RFC 4180 has them come here (``splits``): a record ends where the number
of quotes is even, and every reader finds the same fields in it.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from transforms.failures import LONG_FIELD, MANY_FIELDS, MAX_CHARACTERS, MAX_FIELDS
from transforms.fields import ENCODING, MALFORMED, RAW, REASON
from transforms.reading.survey import lines_of_splits

_LATIN_1 = "ISO-8859-1"  # every byte is a character there
_TEXT = pa.string()
Batches = Iterable[pa.RecordBatch]
_Offsets = npt.NDArray[np.int64]


def record_reader(
    names: Sequence[str], plans: Mapping[int, tuple[int, bytes | None]]
) -> Callable[[Batches], Iterator[pa.RecordBatch]]:
    """Make the function for ``DataFrame.mapInArrow``.

    Parameters
    ----------
    names
        Of the columns.
    plans
        Offset of a split -> how many of its lines to leave out, and what ends its last record.
    """

    def read(batches: Batches) -> Iterator[pa.RecordBatch]:
        for start, parts in groupby(lines_of_splits(batches), key=itemgetter(0)):
            texts = _whole_records((lines for _, lines in parts), *plans[start])
            for number, (text, ends) in enumerate(texts):
                if start == number == 0:
                    text, ends = text[ends[0] :], ends[1:] - ends[0]  # its header
                yield from _fields(text, ends, names)

    return read


def _whole_records(
    parts: Iterable[pa.BinaryArray], skip: int, tail: bytes | None
) -> Iterator[tuple[memoryview, _Offsets]]:
    """Yield text of whole records, and the offset behind each of them."""
    pending = pa.array([], pa.binary())
    for lines in parts:
        wanted = pa.concat_arrays([pending, lines[skip:]])
        skip = max(0, skip - len(lines))
        ends = np.flatnonzero(np.cumsum(pc.count_substring(wanted, '"')) % 2 == 0) + 1
        complete = int(ends[-1]) if len(ends) else 0
        pending = wanted[complete:]
        if complete:
            yield _joined(wanted[:complete], ends)
    if tail is not None:
        last = pa.concat_arrays([pending, pa.array([tail], pa.binary())])
        yield _joined(last, np.array([len(last)]))


def _joined(lines: pa.BinaryArray, ends: _Offsets) -> tuple[memoryview, _Offsets]:
    """Join lines, each with its line break; ``ends`` are numbers of lines, and become offsets."""
    offsets = np.cumsum(np.asarray(pc.binary_length(lines)) + 1)
    with_last = pa.concat_arrays([lines, pa.array([b""], pa.binary())])
    text = pc.binary_join(pa.ListArray.from_arrays([0, len(with_last)], with_last), b"\n")
    return memoryview(text[0].as_buffer()), offsets[ends - 1]


def _fields(text: memoryview, ends: _Offsets, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Take records apart; those that are not UTF-8 keep their bytes, one character each, and are marked."""
    good, others = _by_encoding(text, ends)
    yield from _parse(good, names, None)
    if others:
        yield from _parse(b"".join(others).decode(_LATIN_1).encode(), names, _LATIN_1)


def _by_encoding(text: memoryview, ends: _Offsets) -> tuple[bytes | memoryview, list[bytes]]:
    """Part the records that are UTF-8 from the others."""
    good: list[memoryview] = []
    others: list[bytes] = []
    begin = 0
    while True:
        try:
            codecs.utf_8_decode(text[begin:], "strict", True)
        except UnicodeDecodeError as error:
            at = int(np.searchsorted(ends, begin + error.start, side="right"))
            record = int(ends[at - 1]) if at else 0
            good.append(text[begin:record])
            begin = int(ends[at])
            others.append(bytes(text[record:begin]))
        else:
            return (b"".join([*good, text[begin:]]) if good else text), others


def _parse(text: bytes | memoryview, names: Sequence[str], encoding: str | None) -> Iterator[pa.RecordBatch]:
    """Parse text in UTF-8 into the columns, and the records that have another number of fields into notes."""
    malformed: list[str] = []
    table = _read(text, names, malformed)
    if len(text) > MAX_CHARACTERS and _longest(table) > MAX_CHARACTERS:
        raise ValueError(LONG_FIELD)
    reason = MALFORMED if encoding else None
    yield from _noted(table, None, reason, encoding)
    if malformed:
        empty = {name: pa.nulls(len(malformed), _TEXT) for name in names}
        yield from _noted(pa.table(empty), malformed, MALFORMED, encoding)


def _read(text: bytes | memoryview, names: Sequence[str], malformed: list[str]) -> pa.Table:
    def keep(row: csv.InvalidRow) -> str:
        if row.actual_columns > MAX_FIELDS:
            raise ValueError(MANY_FIELDS)
        if row.text.strip():  # a blank line is no record
            malformed.append(row.text)
        return "skip"

    if not len(text):
        return pa.table({name: pa.array([], _TEXT) for name in names})
    return csv.read_csv(
        pa.BufferReader(text),
        read_options=csv.ReadOptions(use_threads=False, block_size=len(text) + 1, column_names=names),
        parse_options=csv.ParseOptions(newlines_in_values=True, invalid_row_handler=keep),
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(names, _TEXT),
            check_utf8=False,
            strings_can_be_null=True,
            null_values=[""],
        ),
    )


def _longest(table: pa.Table) -> int:
    """Return the bytes of the longest field."""
    return max((pc.max(pc.binary_length(column)).as_py() or 0 for column in table.columns), default=0)


def _noted(
    table: pa.Table, raw: list[str] | None, reason: str | None, encoding: str | None
) -> Iterator[pa.RecordBatch]:
    rows = table.num_rows
    notes = {
        RAW: pa.array(raw, _TEXT) if raw is not None else pa.nulls(rows, _TEXT),
        REASON: pa.array([reason] * rows, _TEXT),
        ENCODING: pa.array([encoding] * rows, _TEXT),
    }
    for name, values in notes.items():
        table = table.append_column(name, values)
    yield from table.combine_chunks().to_batches()
