# SPDX-License-Identifier: Apache-2.0
"""Short ways to make spans with ids that are the same in every run."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import Link, SpanContext, SpanKind, Status

# What the resource of a Glue job says here (xray_helper.record.resource).
JOB = {
    "service.name": "clean job",
    "telemetry.sdk.name": "opentelemetry",
    "telemetry.sdk.language": "python",
    "telemetry.sdk.version": "1.45.2",
    "cloud.provider": "aws",
    "cloud.region": "us-east-1",
}
PARENT = 0x70DE5B6F19FF9A0A
STARTED = 1_795_251_600_123_456_789  # ns since the epoch: 2026-11-21T09:00:00.123456789Z
ENDED = STARTED + 2_500_000_001  # ns
# X-Ray wants the time in the first 32 bits.
_TRACE = STARTED // 10**9 << 96 | 0xBD862E3FE1BE46A994272793

Attributes = Mapping[str, Any]


def span_id(name: str) -> int:
    """Make the id of the case ``name``."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest())


def case(
    case_name: str,
    attributes: Attributes | None = None,
    *,
    name: str = "Read Data",
    kind: SpanKind = SpanKind.INTERNAL,
    parent: int | None = PARENT,
    resource: Attributes | None = None,
    events: Sequence[Event] = (),
    links: Sequence[Link] = (),
    status: Status | None = None,
    trace: int = _TRACE,
    start: int = STARTED,
    end: int = ENDED,
) -> ReadableSpan:
    """Make an ended span; its id comes from ``case_name``."""
    return ReadableSpan(
        name=name,
        context=SpanContext(trace, span_id(case_name), is_remote=False),
        parent=SpanContext(trace, parent, is_remote=True) if parent else None,
        resource=Resource(JOB if resource is None else resource),
        attributes=attributes,
        events=events,
        links=links,
        kind=kind,
        status=status or Status(),
        start_time=start,
        end_time=end,
    )


def exception(
    kind: str | None = "ValueError", message: str | None = "bad value", stack: str | None = None
) -> Event:
    """Make the event that a span records of an exception."""
    told = {"exception.type": kind, "exception.message": message, "exception.stacktrace": stack}
    return Event("exception", {key: value for key, value in told.items() if value is not None}, STARTED + 1)


def link(number: int, attributes: Attributes | None = None) -> Link:
    """Make a link to another trace."""
    return Link(SpanContext(_TRACE + number, span_id(f"link {number}"), is_remote=True), attributes)
