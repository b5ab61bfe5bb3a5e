# SPDX-License-Identifier: Apache-2.0
"""Makes a span fit to be sent: long texts are cut, with a marker that says so.

Every span goes through here, those of other instrumentations too, and leaves without what the collector drops
a span for (NaN and infinity, which JSON lacks) or panics over (``xray_helper.record.stacks``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import Status

from xray_helper.record.failures import MAX_EVENTS
from xray_helper.record.readable import copy_span
from xray_helper.record.sendable import sendable, utf8
from xray_helper.record.stacks import harmless

# X-Ray refuses documents of 64 KB; a quarter of that keeps one span from eating the whole share.
MAX_DOCUMENT_BYTES: Final = 16_384
# Characters of one text, and of a stack; a Spark plan has megabytes. The first pair that is enough wins.
_LIMITS: Final = ((2_048, 4_096), (256, 2_048), (32, 512))
_MAX_ITEMS: Final = 64  # of a list
_STACK: Final = "exception.stacktrace"
ATTRIBUTES_DROPPED: Final = "xray.attributes.dropped"
Weigh = Callable[[ReadableSpan], int]  # counts the bytes of a span's document


class Trimmed(NamedTuple):
    """A copy of a span whose texts are valid UTF-8, how many values were cut, and its document's bytes."""

    span: ReadableSpan
    cut_values: int
    size: int


def trim(span: ReadableSpan, *, weigh: Weigh) -> Trimmed:
    """Cut a span until its document has at most ``MAX_DOCUMENT_BYTES``; ``weigh`` counts those."""
    for text_limit, stack_limit in _LIMITS:
        cutter = _Cutter(text_limit, stack_limit)
        trimmed = cutter.copy(span, cutter.values(span.attributes or {}))
        size = weigh(trimmed)
        if size <= MAX_DOCUMENT_BYTES:
            return Trimmed(trimmed, cutter.count, size)
    bare = _Cutter(*_LIMITS[-1])
    lost = len(span.attributes or {})
    trimmed = bare.copy(span, {ATTRIBUTES_DROPPED: lost})
    return Trimmed(trimmed, bare.count + lost, weigh(trimmed))


class _Cutter:
    def __init__(self, text_limit: int, stack_limit: int) -> None:
        self._text_limit, self._stack_limit = text_limit, stack_limit
        self.count = 0

    def copy(self, span: ReadableSpan, attributes: Mapping[str, Any]) -> ReadableSpan:
        return copy_span(
            span,
            name=utf8(span.name),
            attributes=attributes,
            events=[
                Event(event.name, self.values(event.attributes or {}), event.timestamp)
                for event in span.events[-MAX_EVENTS:]
            ],
            status=Status(span.status.status_code, self._text(span.status.description or "") or None),
        )

    def values(self, attributes: Mapping[str, Any]) -> dict[str, Any]:
        return {utf8(key): self._value(key, value) for key, value in attributes.items()}

    def _value(self, key: str, value: Any) -> Any:
        if isinstance(value, str):
            return self._stack(value) if key == _STACK else self._text(value)
        if not isinstance(value, (tuple, list)):
            return sendable(value)
        if len(value) > _MAX_ITEMS:
            self.count += 1
        items = sendable(value[:_MAX_ITEMS])
        return tuple(self._text(item) if isinstance(item, str) else item for item in items)

    def _text(self, value: str) -> str:
        """Keep the beginning: it says what the text is about."""
        if len(value) <= self._text_limit:
            return utf8(value)
        return utf8(value[: self._text_limit]) + self._marker(len(value) - self._text_limit)

    def _stack(self, value: str) -> str:
        """Keep the end: it says where it happened."""
        if len(value) <= self._stack_limit:
            return utf8(harmless(value))
        kept = value[-self._stack_limit :]
        return utf8(harmless(self._marker(len(value) - self._stack_limit) + "\n" + kept))

    def _marker(self, characters: int) -> str:
        self.count += 1
        return f"...[{characters} characters cut]"
