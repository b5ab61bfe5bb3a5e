# SPDX-License-Identifier: Apache-2.0
"""Mutated samples: the same seed makes the same file."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from demo.listing import HEADER, make_listing

ROWS = 12
VALUES = (
    "", " ", "\t", "NaN", "Infinity", "-0", "-1", "0", "1e400", "1e-400", "0x10", "1_000", "١٢٣",
    "1,5", "$-5", "$1,000,000,000,000.00", "$12.345", "9" * 40, "=1+1", "@SUM(A1)", "null", "NULL",
    "None", "true", "FALSE", "2021-02-30", "2/30/2021", "1/1/1", "12/31/9999",
    "2021-01-01T00:00:00", "0000-00-00", "\u0000", "\ufeff", "\u2028", "a\nb", 'say "hi"',
    "'; drop table", "<script>", "\\", "\\N", "é\u0301", "🏠", "x" * 5000, "brookln", "Hotel room",
    "PRIVATE ROOM", "364", "365", "2147483648", "9223372036854775808", "5.0", "4.5",
)  # fmt: skip
Rows = list[list[str]]


@dataclass(frozen=True)
class Mutant:
    """A file; ``records`` is None where the mutation leaves open how many there are."""

    name: str
    content: bytes
    records: int | None
    what: str


def mutant(seed: int) -> Mutant:
    """Make the mutant of a seed."""
    rng = random.Random(seed)  # noqa: S311 - no secret is made of it
    rows = [list(make_listing(index, rng).values()) for index in range(ROWS)]
    kind = rng.choice(list(_KINDS))
    return _KINDS[kind](rng, list(HEADER), rows, f"mutant-{seed}", kind)


def _csv(header: list[str], rows: Rows, *, end: str = "\r\n") -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=end)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8", errors="surrogatepass")


def _mutate_cells(rng: random.Random, rows: Rows) -> None:
    for _ in range(rng.randint(1, 40)):
        row = rng.choice(rows)
        row[rng.randrange(len(row))] = rng.choice(VALUES)


def _cells(rng: random.Random, header: list[str], rows: Rows, name: str, what: str) -> Mutant:
    _mutate_cells(rng, rows)
    return Mutant(f"{name}.csv", _csv(header, rows, end=rng.choice(("\n", "\r\n"))), len(rows), what)


def _column(rng: random.Random, header: list[str], rows: Rows, name: str, what: str) -> Mutant:
    """One column set to one value in every row."""
    place, value = rng.randrange(len(header)), rng.choice(VALUES)
    for row in rows:
        row[place] = value
    return Mutant(f"{name}.csv", _csv(header, rows), len(rows), f"{what} {header[place]} = {value[:20]!r}")


def _fields(rng: random.Random, header: list[str], rows: Rows, name: str, what: str) -> Mutant:
    """Records with fields too few or too many."""
    _mutate_cells(rng, rows)
    for _ in range(rng.randint(1, 4)):
        row = rng.choice(rows)
        if rng.random() < 0.5:
            del row[rng.randrange(1, len(row)) :]
        else:
            row += [rng.choice(VALUES) for _ in range(rng.randint(1, 30))]
    rows[:] = [row for row in rows if any(field.strip() for field in row)]  # blank lines are no records
    return Mutant(f"{name}.csv", _csv(header, rows), len(rows), what)


def _columns(rng: random.Random, header: list[str], rows: Rows, name: str, what: str) -> Mutant:
    """Columns in another order, under other spellings, more of them, sometimes one less."""
    order = rng.sample(range(len(header)), len(header) - (rng.random() < 0.3))
    spelled = [rng.choice((str.upper, str.title, " {} ".format, "{}!!".format))(header[i]) for i in order]
    added = [f"extra {rng.choice(VALUES)[:20]}" for _ in range(rng.randint(0, 2))]
    changed = [[row[i] for i in order] + ["x"] * len(added) for row in rows]
    return Mutant(f"{name}.csv", _csv(spelled + added, changed), len(rows), what)


def _repeats(rng: random.Random, header: list[str], rows: Rows, name: str, what: str) -> Mutant:
    """Rows again and again, with other ids."""
    for _ in range(rng.randint(1, 20)):
        copy = list(rng.choice(rows))
        copy[0] = rng.choice((copy[0], str(rng.randint(0, 10**9)), "", "x"))
        rows.append(copy)
    rng.shuffle(rows)
    return Mutant(f"{name}.csv", _csv(header, rows), len(rows), what)


def _bytes(rng: random.Random, header: list[str], rows: Rows, name: str, what: str) -> Mutant:
    """Bytes replaced anywhere behind the header."""
    content = bytearray(_csv(header, rows))
    start = content.index(b"\n") + 1
    for _ in range(rng.randint(1, 20)):
        content[rng.randrange(start, len(content))] = rng.randrange(256)
    return Mutant(f"{name}.csv", bytes(content), None, what)


def _cut(rng: random.Random, header: list[str], rows: Rows, name: str, what: str) -> Mutant:
    """The file ends somewhere."""
    content = _csv(header, rows)
    return Mutant(f"{name}.csv", content[: rng.randrange(1, len(content))], None, what)


def _json_value(rng: random.Random, value: str) -> Any:
    kinds: tuple[Any, ...] = (value, None, rng.choice(VALUES), rng.randint(-(10**12), 10**12), rng.random())
    return rng.choice((*kinds, True, [1, {"a": None}], {"nested": value}))


def _json(rng: random.Random, header: list[str], rows: Rows, name: str, what: str) -> Mutant:
    """Records of JSON whose values are of any type."""
    records = [dict(zip(header, row, strict=True)) for row in rows]
    for record in rng.sample(records, 4):
        for column in rng.sample(header, 3):
            record[column] = _json_value(rng, record[column])
        record.pop(rng.choice(header), None)
    if rng.random() < 0.5:
        return Mutant(f"{name}.json", json.dumps(records).encode(), len(rows), what)
    lines = "".join(json.dumps(record, ensure_ascii=rng.random() < 0.5) + "\n" for record in records)
    return Mutant(f"{name}.jsonl", lines.encode(), len(rows), what)


_KINDS: dict[str, Callable[[random.Random, list[str], Rows, str, str], Mutant]] = {
    "cells": _cells, "column": _column, "fields": _fields, "columns": _columns, "repeats": _repeats,
    "bytes": _bytes, "cut": _cut, "json": _json,
}  # fmt: skip
