# SPDX-License-Identifier: Apache-2.0
"""Where the spans of one job are made and kept until they are exported.

The spans are kept in a buffer of our own rather than in OpenTelemetry's BatchSpanProcessor: that one sends
what it has every five seconds and forgets silently when its queue is full, while X-Ray takes least from
traces that dribble in (its size limit falls from 500 KB to 100 KB for segments sent one by one), and only
at the end of the job is it known which spans are worth their bytes.

The provider belongs to the job: the global one, a user's own, is neither set nor asked.
"""

from __future__ import annotations

# Before any TracerProvider: its handler in a forked child uses a thread pool, and waits for ever for the
# pool's lock when the pool's own handler, which frees that lock, comes after it. They run as registered.
import concurrent.futures.thread  # noqa: F401
import secrets
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import SpanContext, StatusCode

from xray_common.ids import new_trace_id
from xray_helper.observers import Priority
from xray_helper.record.locks import renew_locks
from xray_helper.record.readable import MAX_ATTRIBUTES, SAMPLED, SCOPE, span_id

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

MAX_BUFFERED_SPANS: Final = 5_000  # about 10 MB; only a few hundred fit into a trace anyway


class JobIds(IdGenerator):
    """Trace ids as X-Ray wants them: the joined trace's, else a new one that starts with the time."""

    def __init__(self, trace_id: int | None) -> None:
        self._trace_id = trace_id or new_trace_id()

    def generate_trace_id(self) -> int:
        """Return the one trace id of this job."""
        return self._trace_id

    def generate_span_id(self) -> int:
        """Make a random span id that is not zero."""
        return secrets.randbits(64) or 1


class Recorder(SpanProcessor):
    """Makes spans and keeps the ended ones.

    ``made`` counts every span that was started; ``overflow`` those forgotten because the buffer was full.
    """

    def __init__(self, *, resource: Mapping[str, Any], trace_id: int | None, parent_id: int | None) -> None:
        self.made = 0
        self.overflow = 0
        self._ended: deque[ReadableSpan] = (
            deque()
        )  # append and popleft are atomic: no lock in signal handlers
        self._priorities: dict[int, Priority] = {}
        ids = self._ids = JobIds(trace_id)
        self.trace_id = ids.generate_trace_id()
        self._parent_id = parent_id
        self.resource = Resource(resource)
        provider = TracerProvider(
            sampler=ALWAYS_ON,  # the header's Sampled flag has decided already
            resource=self.resource,
            shutdown_on_exit=False,
            id_generator=ids,
            span_limits=SpanLimits(max_span_attributes=MAX_ATTRIBUTES, max_attribute_length=SpanLimits.UNSET),
        )
        provider.add_span_processor(self)
        self.tracer: Tracer = provider.get_tracer(SCOPE.name)

    def parent_context(self) -> SpanContext | None:
        """Describe the caller's segment, or None for a trace's first."""
        if self._parent_id is None:
            return None
        return remote_context(self.trace_id, self._parent_id)

    def on_start(self, span: Span, parent_context: Any = None) -> None:
        """Count a span."""
        self.made += 1
        renew_locks(span)

    def on_end(self, span: ReadableSpan) -> None:
        """Keep a span; when the buffer is full, forget the oldest of the lowest priority."""
        self._ended.append(span)
        if len(self._ended) > MAX_BUFFERED_SPANS:
            self._shrink()

    def new_context(self) -> SpanContext:
        """Make the context of a span that the provider does not make."""
        return SpanContext(self.trace_id, self._ids.generate_span_id(), False, SAMPLED)

    def adopt(self, span: ReadableSpan) -> None:
        """Keep a span of this trace that the provider has not made."""
        self.made += 1
        self.on_end(span)

    def prioritize(self, span: Span | ReadableSpan, priority: Priority) -> None:
        """Set the priority of a span; default ``Priority.DETAIL``."""
        context = span.get_span_context()
        if context is not None:
            self._priorities[context.span_id] = priority

    def priority(self, span: ReadableSpan) -> Priority:
        """Return the priority of a span; that of a failure is higher."""
        given = self._priorities.get(span_id(span), Priority.DETAIL)
        failed = span.status.status_code is StatusCode.ERROR
        return max(given, Priority.FAILED) if failed else given

    def take(self) -> list[ReadableSpan]:
        """Return the ended spans and forget them."""
        taken: list[ReadableSpan] = []
        while self._ended:
            taken.append(self._ended.popleft())
        return taken

    def _shrink(self) -> None:
        spans = self.take()
        by_priority = sorted(spans, key=self.priority)  # stable: the oldest of the lowest first
        lost = by_priority[: len(spans) // 10]
        forgotten = {id(span) for span in lost}
        self._ended.extend(span for span in spans if id(span) not in forgotten)
        self.overflow += len(lost)


def remote_context(trace_id: int, span_id: int) -> SpanContext:
    """Describe a segment that somebody else sent."""
    return SpanContext(trace_id, span_id, is_remote=True, trace_flags=SAMPLED)
