# SPDX-License-Identifier: Apache-2.0
"""Row counts, as any job may write them: `rows_read`, `rows_<outcome>`, `rejected_by_reason`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trace_viewer.model import text
from trace_viewer.model.document import Node
from trace_viewer.model.json_text import parse
from xray_common.conventions import REJECTED_BY_REASON, ROWS_PREFIX, ROWS_READ, ROWS_REJECTED
from xray_common.numbers import as_measured

_DIGITS = 18  # of a number that can have been counted; Python reads no integer of more than 4,300

_PLACES = {ROWS_READ: 0, ROWS_REJECTED: 2}  # of all others: 1, in the order of the document


def row_counts(node: Node) -> dict[str, int]:
    """Return the row counts of a node by name: rows read, then every outcome, rejected rows last.

    Example
    -------
    >>> from trace_viewer.model.document import Node
    >>> row_counts(Node("1", "load", 0.0, 1.0, True, annotations={"rows_loaded": 7, "rows_read": "9"}))
    {'rows_read': 9, 'rows_loaded': 7}
    """
    found = {**node.annotations, **dict(_values(node))}  # the order of annotations counts, too
    counts = {name: count for name, value in found.items() if (count := _row_count(name, value)) is not None}
    return dict(sorted(counts.items(), key=lambda item: _PLACES.get(item[0], 1)))


def main_outcome(counts: Mapping[str, int]) -> str | None:
    """Return the name of the rows that went on to the next job: the first outcome that is not rejection.

    Example
    -------
    >>> main_outcome({"rows_read": 9, "rows_loaded": 7, "rows_skipped": 2})
    'rows_loaded'
    """
    return next((name for name in counts if name not in _PLACES), None)


def row_word(name: str) -> str:
    """Return the word for a row count, fit to print.

    Example
    -------
    >>> row_word("rows_read")
    'read'
    """
    return text.plain(name.removeprefix(ROWS_PREFIX), 40)


def rejected_by_reason(node: Node) -> dict[str, int]:
    """Return the rejected rows of a node by reason, most rows first."""
    reasons: dict[str, int] = {}
    for name, value in _values(node):
        if name == REJECTED_BY_REASON:
            reasons |= {
                str(reason): count for reason, rows in _pairs(value) if (count := _count(rows)) is not None
            }
        elif name.startswith(f"{REJECTED_BY_REASON}.") and (count := _count(value)) is not None:
            reasons[name.removeprefix(f"{REJECTED_BY_REASON}.")] = count
    return dict(sorted(reasons.items(), key=lambda item: (-item[1], item[0])))


def is_row_count(name: str, value: object) -> bool:
    """Return whether an annotation is shown as a row count, and so needs no second place."""
    return _row_count(name, value) is not None or name.split(".")[0] == REJECTED_BY_REASON


def _row_count(name: str, value: object) -> int | None:
    return _count(value) if name.startswith(ROWS_PREFIX) else None


def _values(node: Node) -> Iterator[tuple[str, Any]]:
    """Yield metadata of every namespace, then annotations, which win when put in a dict."""
    for namespace in node.metadata.values():
        if isinstance(namespace, Mapping):
            yield from namespace.items()
    yield from node.annotations.items()


def _pairs(value: object) -> list[tuple[Any, Any]]:
    if isinstance(value, str):
        try:
            value = parse(value)
        except ValueError:
            return []
    return list(value.items()) if isinstance(value, Mapping) else []


def _count(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = float(value) if len(value) > _DIGITS else int(value)
    count = as_measured(value)
    return int(count) if count is not None and count == count // 1 else None
