# SPDX-License-Identifier: Apache-2.0
"""Compares segment documents, field by field, after taking out what may differ by its nature."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]
_ABSENT = "<absent>"
# What is made alike before the comparison, and why that loses nothing.
NORMALISED = {
    "exception ids": "random in the collector; each is replaced by its place in the document, references too",
    "null and empty": "null and empty fields count as none, except in metadata, annotations and links",
    "segment ids of a local root": "random in the collector; replaced by a word",
    "times": "compared to the microsecond: X-Ray keeps milliseconds",
}
_SAID = ("metadata", "annotations", "links")
_TIME_TOLERANCE = 1e-6  # seconds; a double holds the seconds since 1970 to 0.24 microseconds


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One field that differs: where, in the collector's document and in ours."""

    path: str
    collector: Any
    ours: Any


def differences(collector: Document | None, ours: Document | None) -> list[Difference]:
    """Compare two documents of the same span; None stands for "no document"."""
    if collector is None or ours is None:
        if collector is ours:
            return []
        told = [_ABSENT if document is None else "a document" for document in (collector, ours)]
        return [Difference(path="(document)", collector=told[0], ours=told[1])]
    return list(_compare("", normal(collector), normal(ours)))


def normal(document: Document) -> Document:
    """Make documents alike where the difference means nothing, see ``NORMALISED``."""
    exceptions = document.get("cause", {}).get("exceptions", [])
    names = {item["id"]: f"exception {place}" for place, item in enumerate(exceptions)}
    text = json.dumps(_without_empty(document))
    for identifier, name in names.items():
        text = text.replace(f'"{identifier}"', f'"{name}"')
    alike: Document = json.loads(text)
    return alike


def _without_empty(document: Document) -> Document:
    """Take out fields that say nothing; what the user said (``_SAID``) stays as it is."""
    kept: Document = {}
    for key, value in document.items():
        if key in _SAID:
            kept[key] = value
            continue
        if isinstance(value, dict):
            value = _without_empty(value)
        elif isinstance(value, list):
            value = [_without_empty(item) if isinstance(item, dict) else item for item in value]
        if value not in (None, "", {}, []):
            kept[key] = value
    return kept


def _compare(path: str, collector: Any, ours: Any) -> Iterator[Difference]:
    if isinstance(collector, dict) and isinstance(ours, dict):
        for key in sorted(collector.keys() | ours.keys()):
            below = f"{path}.{key}" if path else key
            yield from _compare(below, collector.get(key, _ABSENT), ours.get(key, _ABSENT))
    elif isinstance(collector, list) and isinstance(ours, list) and len(collector) == len(ours):
        for place, (left, right) in enumerate(zip(collector, ours, strict=True)):
            yield from _compare(f"{path}[{place}]", left, right)
    elif not _same(path, collector, ours):
        yield Difference(path=path, collector=collector, ours=ours)


def _same(path: str, collector: Any, ours: Any) -> bool:
    if isinstance(collector, bool) or isinstance(ours, bool):
        return type(collector) is type(ours) and bool(collector == ours)
    if path in ("start_time", "end_time") and not isinstance(collector, str) and not isinstance(ours, str):
        return bool(abs(collector - ours) < _TIME_TOLERANCE)
    return bool(collector == ours)
