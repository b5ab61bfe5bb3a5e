# SPDX-License-Identifier: Apache-2.0
"""Watches the calls that a process makes with the AWS SDK, by OpenTelemetry's botocore instrumentation.

Few calls of a kind stay spans of their own; many become one, with their number and times.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.instrumentation.botocore import BotocoreInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.semconv._incubating.attributes.aws_attributes import AWS_S3_BUCKET, AWS_S3_KEY
from opentelemetry.semconv._incubating.attributes.rpc_attributes import RPC_METHOD, RPC_SERVICE
from opentelemetry.trace import NonRecordingSpan, StatusCode

from xray_helper.aws_calls.groups import CallGroup, CallGroups, add_group
from xray_helper.context.places import parent_of
from xray_helper.record.readable import copy_span
from xray_helper.record.recorder import JobIds

if TYPE_CHECKING:
    from opentelemetry.trace import Span, SpanContext

    from xray_helper.observers import SpanSink

MANY: Final = 10  # calls of a kind below one span; more become one span
_make_instrumentor: Final[Any] = BotocoreInstrumentor  # without types
_OWN_SERVICE: Final = "XRay"  # the tracer's own calls


class CallWatch(SpanProcessor):
    """Hands each finished call to ``take``; one in a process, for the SDK can be patched but once."""

    def __init__(
        self, take: Callable[[ReadableSpan], None], *, resource: Resource, trace_id: int | None = None
    ) -> None:
        self.take = take
        self._instrumentor = _make_instrumentor()
        if self._instrumentor.is_instrumented_by_opentelemetry:
            raise RuntimeError("botocore is instrumented by somebody else already; its spans go there.")
        provider = TracerProvider(
            sampler=ALWAYS_ON, resource=resource, shutdown_on_exit=False, id_generator=JobIds(trace_id)
        )
        provider.add_span_processor(self)
        self._instrumentor.instrument(tracer_provider=provider, request_hook=_note_place, skip_dep_check=True)

    def on_end(self, span: ReadableSpan) -> None:
        """Pass a call on; what goes wrong here must not get into it."""
        try:
            if (span.attributes or {}).get(RPC_SERVICE) != _OWN_SERVICE:
                self.take(span)
        except Exception:  # noqa: S110 - this runs inside the user's call
            pass

    def stop(self) -> None:
        """Leave the SDK as it was."""
        self._instrumentor.uninstrument()


class JobCalls:
    """The calls of a job's own process."""

    def __init__(self, *, resource: Resource, trace_id: int) -> None:
        self._lock = threading.RLock()  # a finalizer may call AWS at any moment
        self._groups = CallGroups()
        # The first of each group, and what they are below.
        self._spans: dict[int, list[tuple[ReadableSpan, SpanContext | None]]] = {}
        self._known: list[CallGroup] = []
        self._watch = CallWatch(self._take, resource=resource, trace_id=trace_id)

    def write(self, sink: SpanSink, *, adopt: Callable[[ReadableSpan], None], root: SpanContext) -> None:
        """Stop watching, and hand over what was called.

        Parameters
        ----------
        sink
            Takes a span for many calls.
        adopt
            Takes the span of a single call.
        root
            The job's span, for calls outside of every other.
        """
        self._watch.stop()
        for group in self._known:
            spans = self._spans[id(group)]
            if group.count > MANY:
                add_group(sink, group, parent=NonRecordingSpan(spans[0][1] or root))
                continue
            for span, parent in spans:
                adopt(copy_span(span, parent=parent or root))
        sink.set_attribute("aws.calls.left_out", self._groups.left_out or None)

    def _take(self, span: ReadableSpan) -> None:
        parent = parent_of(span.parent)
        with self._lock:
            group = _count(self._groups, span, parent.span_id if parent else 0)
            if group is not None:
                if group.count == 1:
                    self._known.append(group)
                if group.count <= MANY:
                    self._spans.setdefault(id(group), []).append((span, parent))


class TaskCalls:
    """The calls of one Python function in one task of Spark, in a worker."""

    _watch: CallWatch | None = None  # of this process, which serves one task after the other

    def __init__(self) -> None:
        self._groups = CallGroups()
        if TaskCalls._watch is None:
            TaskCalls._watch = CallWatch(self._take, resource=Resource({}))

    def enter(self) -> None:
        """Take the calls from here on."""
        if TaskCalls._watch is not None:
            TaskCalls._watch.take = self._take

    def rows(self) -> list[tuple[Any, ...]]:
        """Write what was called as plain values; see ``xray_helper.aws_calls.groups``."""
        return self._groups.rows()

    def _take(self, span: ReadableSpan) -> None:
        _count(self._groups, span, 0)


def _note_place(span: Span, service: str, operation: str, parameters: Mapping[str, Any]) -> None:
    """Note the object that a call is about; the instrumentation itself does not."""
    for name, key in ((AWS_S3_BUCKET, "Bucket"), (AWS_S3_KEY, "Key")):
        value = parameters.get(key)
        if service == "s3" and isinstance(value, str):
            span.set_attribute(name, value)


def _count(groups: CallGroups, span: ReadableSpan, parent: int) -> CallGroup | None:
    known: Mapping[str, Any] = span.attributes or {}
    failed = span.status.status_code is StatusCode.ERROR
    call = CallGroup(
        service=str(known.get(RPC_SERVICE, "")),
        operation=str(known.get(RPC_METHOD, "")),
        bucket=str(known.get(AWS_S3_BUCKET, "")),
        error=(span.status.description or "error") if failed else "",
    )
    group = groups.group(parent, call=call)
    if group is not None:
        key = str(known.get(AWS_S3_KEY, ""))
        group.add(key=key, start_ns=span.start_time or 0, end_ns=span.end_time or 0)
    return group
