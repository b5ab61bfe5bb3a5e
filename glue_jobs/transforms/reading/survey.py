# SPDX-License-Identifier: Apache-2.0
"""Run in Spark's Python workers: what the quotes of one split of a file do, whatever lies before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from transforms.reading.quotes import after_line

MAX_LEAD_BYTES: Final = 4 << 20  # of the end of a record that began in an earlier split
SCHEMA: Final = "start long, size long, if_outside boolean, if_inside boolean, lead binary, lead_lines long"
_ARROW: Final = pa.schema(
    [("start", pa.int64()), ("size", pa.int64()), ("if_outside", pa.bool_()), ("if_inside", pa.bool_()),
     ("lead", pa.binary()), ("lead_lines", pa.int64())]
)  # fmt: skip


def survey(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Survey the lines of each split; for ``DataFrame.mapInArrow``.

    Parameters
    ----------
    batches
        ``start``: offset of the split in the file, bytes; ``line``: without its line break. In order.

    Returns
    -------
    iterator of pyarrow.RecordBatch
        One row for each split, in the form of ``SCHEMA``; see ``splits.Split``.
    """
    for start, parts in groupby(lines_of_splits(batches), key=itemgetter(0)):
        quotes = _QuoteTracker()
        for _, lines in parts:
            quotes.add(lines)
        yield pa.RecordBatch.from_pylist([{"start": start, **quotes.row()}], schema=_ARROW)


def lines_of_splits(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[int, pa.BinaryArray]]:
    """Yield offsets of splits with some of their lines; a batch may hold the lines of two splits."""
    for batch in batches:
        runs = pc.run_end_encode(batch.column("start"), run_end_type=pa.int32())
        begin = 0
        for start, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
            yield start, batch.column("line").slice(begin, end - begin)
            begin = end


class _QuoteTracker:
    """Follow the quotes of one split for both beginnings; that which it cannot be soon ends as None."""

    def __init__(self) -> None:
        self._size = 0
        self._if_outside: bool | None = False
        self._if_inside: bool | None = True
        self._lead: list[bytes] = []
        self._lead_is_open = True

    def add(self, lines: pa.BinaryArray) -> None:
        lengths = pc.binary_length(lines)
        self._size += len(lines) + (pc.sum(lengths).as_py() or 0)
        if _has_carriage_return_within(lines, lengths):  # some readers end a line there
            self._if_outside = self._if_inside = None
        closed_at = self._follow(lines)
        if self._lead_is_open:
            self._lead += lines[: closed_at + 1 if closed_at is not None else len(lines)].to_pylist()
            self._lead_is_open = closed_at is None
            if sum(map(len, self._lead)) > MAX_LEAD_BYTES:
                self._if_inside = None
            if self._if_inside is None:
                self._lead, self._lead_is_open = [], False

    def _follow(self, lines: pa.BinaryArray) -> int | None:
        """Follow the quotes; the index of the first line that ends a record begun inside quotes."""
        has_quote = pc.match_substring(lines, '"')
        closed_at = None
        for index, line in zip(
            pc.indices_nonzero(has_quote).to_pylist(), lines.filter(has_quote).to_pylist(), strict=True
        ):
            before = self._if_inside
            if self._if_outside is not None:
                self._if_outside = after_line(line, inside=self._if_outside)
            if before is not None:
                self._if_inside = after_line(line, inside=before)
                if closed_at is None and self._if_inside is False:
                    closed_at = index
        return closed_at

    def row(self) -> dict[str, Any]:
        return {
            "size": self._size,
            "if_outside": self._if_outside,
            "if_inside": self._if_inside,
            "lead": b"\n".join(self._lead),
            "lead_lines": len(self._lead),
        }


def _has_carriage_return_within(lines: pa.BinaryArray, lengths: pa.Array) -> bool:
    found = pc.find_substring(lines, "\r")
    within = pc.and_(pc.greater_equal(found, 0), pc.less(found, pc.subtract(lengths, 1)))
    return bool(pc.any(within).as_py())
