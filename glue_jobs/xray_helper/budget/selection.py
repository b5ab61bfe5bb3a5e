# SPDX-License-Identifier: Apache-2.0
"""Keeps a job's part of the trace within its share of X-Ray's limit.

X-Ray guarantees 100 KB for a trace that holds Step Functions segments, and may freeze it beyond (Step
Functions developer guide, "Tracing with X-Ray"). So the spans of the lowest priority stay at home, and are
counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from xray_helper.budget.trimming import Trimmed, Weigh, trim
from xray_helper.error_boundary import ErrorBoundary
from xray_helper.record.readable import span_id, without_shared_facts

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

# With less left nothing fits, and after so many in a row that did not, little would: measuring each of
# thousands of spans takes a second at the end of the job.
_SMALLEST_DOCUMENT_BYTES: Final = 250
_MISSES: Final = 50


@dataclass
class Selection:
    """Spans that fit, their bytes as segment documents, and how many values in them were cut."""

    spans: list[ReadableSpan] = field(default_factory=list)
    size: int = 0
    cut_values: int = 0


def select(
    spans: Sequence[ReadableSpan],
    *,
    share_bytes: int,
    root_id: int,
    priority: Callable[[ReadableSpan], int],
    weigh: Weigh,
    errors: ErrorBoundary | None = None,
) -> Selection:
    """Choose the spans of the highest priority that fit, each with all its parents.

    Parameters
    ----------
    spans
        Everything below the job's span, which is not among them.
    share_bytes
        Bytes of segment documents that may be used.
    root_id
        Span id of the job.
    priority
        Which spans are kept: those of the highest; of two equal ones the longer.
    weigh
        Counts the bytes of a span's document.
    errors
        Catches and counts what a span that cannot be translated raises; that span is left out.
    """
    known = {span_id(span): span for span in spans}
    kept: set[int] = {root_id}
    measured: dict[int, Trimmed] = {}
    chosen = Selection()
    errors = errors or ErrorBoundary()
    misses = 0
    for span in sorted(spans, key=lambda span: (priority(span), _duration(span)), reverse=True):
        left = share_bytes - chosen.size
        if left < _SMALLEST_DOCUMENT_BYTES or misses == _MISSES:
            break
        size, known_sizes = chosen.size, len(measured)
        with errors("choosing a span"):
            missing = _missing(span, known, kept, most=left // _SMALLEST_DOCUMENT_BYTES)
            _add(chosen, [_measure(one, measured, weigh) for one in missing], kept, share_bytes)
        has_missed = chosen.size == size and span_id(span) not in kept and len(measured) > known_sizes
        misses = misses + has_missed if chosen.size == size else 0
    return chosen


def _measure(span: ReadableSpan, measured: dict[int, Trimmed], weigh: Weigh) -> Trimmed:
    """Trim a span, once: as a parent it may be looked at again and again."""
    if span_id(span) not in measured:
        measured[span_id(span)] = trim(without_shared_facts(span), weigh=weigh)
    return measured[span_id(span)]


def _add(chosen: Selection, trimmed: list[Trimmed], kept: set[int], share_bytes: int) -> None:
    """Add a span with its parents, all or none."""
    size = sum(one.size for one in trimmed)
    if chosen.size + size <= share_bytes:
        kept |= {span_id(one.span) for one in trimmed}
        chosen.spans += [one.span for one in trimmed]
        chosen.size += size
        chosen.cut_values += sum(one.cut_values for one in trimmed)


def _missing(
    span: ReadableSpan, known: Mapping[int, ReadableSpan], kept: set[int], *, most: int
) -> list[ReadableSpan]:
    """List a span and those parents that are not kept yet; nothing when it hangs in the air, or too deep."""
    missing: list[ReadableSpan] = []
    current: ReadableSpan | None = span
    while current is not None and len(missing) <= most:
        if span_id(current) in kept:
            return missing
        if current.parent is None:
            return []
        missing.append(current)
        if current.parent.span_id in kept:
            return missing
        current = known.get(current.parent.span_id)
    return []


def _duration(span: ReadableSpan) -> int:
    return (span.end_time or 0) - (span.start_time or 0)
