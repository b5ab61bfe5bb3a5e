# SPDX-License-Identifier: Apache-2.0
"""Attributes on spans: values OpenTelemetry can carry, and no more annotations than X-Ray indexes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from xray_common.conventions import ANNOTATION_KEYS, ANNOTATIONS_DROPPED
from xray_common.scrubbing import scrub

if TYPE_CHECKING:
    from opentelemetry.trace import Span

# X-Ray indexes 50 annotations per trace (AWS General Reference, "AWS X-Ray quotas"); each of two jobs may use
# 20, which leaves 10 to the rest of the trace.
MAX_ANNOTATIONS_PER_JOB: Final = 20
# Characters of a key and of a value that X-Ray indexes (its published segment document schema).
_MAX_KEY: Final = 500
_MAX_VALUE: Final = 1_000
_PLAIN: Final = (str, bool, int, float)


def attribute_value(value: object) -> Any:
    """Turn a value into a string, number, boolean or a list of such.

    Examples
    --------
    >>> from decimal import Decimal
    >>> attribute_value(Decimal("1.50"))
    '1.50'
    """
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, date):  # datetime too
        return value.isoformat()
    if isinstance(value, Mapping):
        return str(dict(value))
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        items = [attribute_value(item) for item in value]
        same = len({type(item) for item in items}) < 2
        return (
            items if same and not any(isinstance(item, list) for item in items) else [str(i) for i in items]
        )
    item = getattr(value, "item", None)  # numpy scalars
    if callable(item) and getattr(value, "shape", None) == ():
        return attribute_value(item())
    return str(value)


def describe(span: Span, key: str, value: object) -> None:
    """Set an attribute, unless the span is over: OpenTelemetry would write a warning each time.

    That happens after a SIGTERM, when the job goes on while its trace is delivered.
    """
    if span.is_recording():
        span.set_attribute(key, attribute_value(value))


class Annotations:
    """Marks attributes as searchable, until this job's share of X-Ray's limit is used up."""

    def __init__(self) -> None:
        self._keys: dict[int, list[str]] = {}
        self._used = 0
        self.dropped = 0

    def add(self, span: Span, annotations: Mapping[str, object]) -> None:
        """Set attributes and mark them as annotations; None values are left out, long texts are cut.

        X-Ray indexes no lists: those are metadata, and counted as not searchable.
        """
        if not span.is_recording():
            return
        keys = self._keys.setdefault(span.get_span_context().span_id, [])
        for key, value in annotations.items():
            if value is None:
                continue
            known = attribute_value(value)
            span.set_attribute(key, _cut(known) if isinstance(known, str) else known)
            if key in keys:
                continue
            is_indexable = len(key) <= _MAX_KEY and not isinstance(known, list)
            if self._used < MAX_ANNOTATIONS_PER_JOB and is_indexable:
                self._used += 1
                keys.append(key)
            else:
                self.dropped += 1
        if keys:
            span.set_attribute(ANNOTATION_KEYS, tuple(keys))

    def report(self, span: Span) -> None:
        """Write on the job's span how many annotations stayed unsearchable."""
        if self.dropped:
            span.set_attribute(ANNOTATIONS_DROPPED, self.dropped)


def _cut(text: str) -> str:
    """Cut a long text; its secrets first, as half a secret is not recognized."""
    return text if len(text) <= _MAX_VALUE else scrub(text)[:_MAX_VALUE]
