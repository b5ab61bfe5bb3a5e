# SPDX-License-Identifier: Apache-2.0
"""The annotation names that the viewer knows: row counts. Everything else it shows as it finds it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from trace_viewer.model.document import Node

ROW_COUNTS = {
    "rows_read": "read",
    "rows_clean": "clean",
    "rows_duplicate": "duplicate",
    "rows_rejected": "rejected",
}
"""Annotation (or metadata) name -> the word shown for it, in flow order."""

REJECTED_BY_REASON = "rejected_by_reason"
"""A mapping reason -> rows, as metadata, as JSON text, or flat as `rejected_by_reason.<reason>`."""


def row_counts(node: Node) -> dict[str, int]:
    """Return the known row counts of a node, by annotation name, in flow order.

    Example
    -------
    >>> from trace_viewer.model.document import Node
    >>> row_counts(Node("1", "clean", 0.0, 1.0, True, annotations={"rows_clean": 7, "rows_read": "9"}))
    {'rows_read': 9, 'rows_clean': 7}
    """
    found = dict(_values(node))
    counts = ((name, _count(found.get(name))) for name in ROW_COUNTS)
    return {name: count for name, count in counts if count is not None}


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


def is_row_count(name: str) -> bool:
    """Say whether an annotation is shown as a row count, and so needs no second place."""
    return name in ROW_COUNTS or name.split(".")[0] == REJECTED_BY_REASON


def _values(node: Node) -> Iterator[tuple[str, Any]]:
    """Yield metadata of every namespace, then annotations, which win when put in a dict."""
    for namespace in node.metadata.values():
        if isinstance(namespace, Mapping):
            yield from namespace.items()
    yield from node.annotations.items()


def _pairs(value: object) -> list[tuple[Any, Any]]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return []
    return list(value.items()) if isinstance(value, Mapping) else []


def _count(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return int(value) if isinstance(value, int | float) and value == value // 1 else None
