# SPDX-License-Identifier: Apache-2.0
"""Spans of what is over, and copies of spans, made without the SDK's provider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from opentelemetry.attributes import BoundedAttributes
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.semconv._incubating.attributes.aws_attributes import AWS_LOG_GROUP_NAMES
from opentelemetry.semconv.attributes.exception_attributes import EXCEPTION_MESSAGE, EXCEPTION_TYPE
from opentelemetry.semconv.attributes.telemetry_attributes import (
    TELEMETRY_SDK_NAME,
    TELEMETRY_SDK_VERSION,
)
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags

MAX_ATTRIBUTES: Final = 128  # per span; OpenTelemetry's own default, not to be changed by the environment
SCOPE: Final = InstrumentationScope("xray_helper")
# Not the language: how a stack is read depends on it.
_SHARED: Final = (AWS_LOG_GROUP_NAMES, TELEMETRY_SDK_NAME, TELEMETRY_SDK_VERSION)
SAMPLED: Final = TraceFlags(TraceFlags.SAMPLED)


def span_id(span: ReadableSpan) -> int:
    """Return the id of a span; 0 where it has none."""
    context = span.get_span_context()
    return context.span_id if context else 0


def finished_span(
    name: str,
    *,
    context: SpanContext,
    parent: SpanContext,
    resource: Resource,
    times_ns: tuple[int, int],
    attributes: Mapping[str, Any],
    error: tuple[str, str] | None,
) -> ReadableSpan:
    """Make a span that is over; ``error`` is the type and the message of what failed.

    The provider would check and copy each attribute again (150 µs a span instead of 17): a job with a
    thousand Spark jobs has three thousand such spans, and is waiting.
    """
    start, end = times_ns
    return ReadableSpan(
        name=name,
        context=context,
        parent=parent,
        resource=resource,
        attributes=_bounded(attributes),
        events=[_exception(*error, timestamp_ns=end)] if error else (),
        status=Status(StatusCode.ERROR, error[1]) if error else Status(),
        start_time=start,
        end_time=end,
        instrumentation_scope=SCOPE,
    )


def first_segment(
    name: str, *, context: SpanContext, resource: Resource, time_ns: int, attributes: Mapping[str, Any]
) -> ReadableSpan:
    """Make the span of what began a trace: a moment, as nobody here learns when it was over."""
    return ReadableSpan(
        name=name,
        context=context,
        resource=resource,
        attributes=_bounded(attributes),
        kind=SpanKind.SERVER,
        start_time=time_ns,
        end_time=time_ns,
        instrumentation_scope=SCOPE,
    )


def copy_span(
    span: ReadableSpan,
    *,
    name: str | None = None,
    parent: SpanContext | None = None,
    resource: Resource | None = None,
    attributes: Mapping[str, Any] | None = None,
    events: Sequence[Event] | None = None,
    links: Sequence[Link] | None = None,
    status: Status | None = None,
) -> ReadableSpan:
    """Copy a span with what is given changed."""
    return ReadableSpan(
        name=name or span.name,
        context=span.get_span_context(),
        parent=parent or span.parent,
        resource=resource or span.resource,
        attributes=span.attributes if attributes is None else attributes,
        events=span.events if events is None else events,
        links=span.links if links is None else links,
        kind=span.kind,
        status=status or span.status,
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def without_shared_facts(span: ReadableSpan) -> ReadableSpan:
    """Leave log groups and the SDK out of a part of a job, whose segment names them.

    X-Ray's exporter writes them into each document: 200 bytes of some 700. A span that becomes a segment
    keeps them.
    """
    known = span.resource.attributes
    if span.kind in (SpanKind.SERVER, SpanKind.CONSUMER) or not any(name in known for name in _SHARED):
        return span
    kept = {name: value for name, value in known.items() if name not in _SHARED}
    return copy_span(span, resource=Resource(kept, span.resource.schema_url))


def _bounded(attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    """Leave what is too many, or has no name, to the SDK's own rule."""
    named = all(isinstance(key, str) and key for key in attributes)
    return (
        attributes
        if named and len(attributes) <= MAX_ATTRIBUTES
        else BoundedAttributes(MAX_ATTRIBUTES, attributes)
    )


def _exception(kind: str, message: str, *, timestamp_ns: int) -> Event:
    return Event("exception", {EXCEPTION_TYPE: kind, EXCEPTION_MESSAGE: message}, timestamp_ns)
