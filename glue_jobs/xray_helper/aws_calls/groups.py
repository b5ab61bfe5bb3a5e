# SPDX-License-Identifier: Apache-2.0
"""Calls of the AWS SDK, added up: a thousand HeadObject are one line, not a thousand."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any, Final

from xray_common.conventions import AWS_CALLS, AWS_CALLS_MAX_MS

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from xray_helper.observers import SpanSink

MAX_GROUPS: Final = 100  # of one job, and of one function in one task
_NS_PER_MS: Final = 1_000_000


@dataclass
class CallGroup:
    """Calls of one operation on one place, with one outcome. Times are nanoseconds.

    ``key`` is the object of the longest call; ``error`` is empty where the calls succeeded.
    """

    service: str
    operation: str
    bucket: str = ""
    error: str = ""
    count: int = 0
    total_ns: int = 0
    max_ns: int = 0
    key: str = ""
    start_ns: int = 0
    end_ns: int = 0

    def add(self, *, key: str, start_ns: int, end_ns: int) -> None:
        """Count one call."""
        took = end_ns - start_ns
        self.start_ns = min(self.start_ns or start_ns, start_ns)
        self.end_ns = max(self.end_ns, end_ns)
        self.count += 1
        self.total_ns += took
        if took >= self.max_ns:
            self.max_ns, self.key = took, key

    def attributes(self) -> dict[str, Any]:
        """Describe the calls; with OpenTelemetry's names where it has some."""
        from opentelemetry.semconv._incubating.attributes.aws_attributes import AWS_S3_BUCKET, AWS_S3_KEY
        from opentelemetry.semconv._incubating.attributes.rpc_attributes import (
            RPC_METHOD,
            RPC_SERVICE,
            RPC_SYSTEM,
        )

        return {
            RPC_SYSTEM: "aws-api",
            RPC_SERVICE: self.service,
            RPC_METHOD: self.operation,
            AWS_S3_BUCKET: self.bucket or None,
            AWS_S3_KEY: self.key or None,
            AWS_CALLS: self.count,
            "aws.calls.total_ms": round(self.total_ns / _NS_PER_MS, 1),
            AWS_CALLS_MAX_MS: round(self.max_ns / _NS_PER_MS, 1),
        }


class CallGroups:
    """The groups of one job, or of one task; ``left_out`` counts calls for which there was no room."""

    def __init__(self) -> None:
        self._groups: dict[Hashable, CallGroup] = {}
        self.left_out = 0

    def group(self, *key: Hashable, call: CallGroup) -> CallGroup | None:
        """Find the group that calls like this one belong to; None when there are too many groups."""
        known = (*key, call.service, call.operation, call.bucket, call.error)
        if known not in self._groups and len(self._groups) == MAX_GROUPS:
            self.left_out += 1
            return None
        return self._groups.setdefault(known, call)

    def rows(self) -> list[tuple[Any, ...]]:
        """Write the groups as plain values, for another process."""
        return [astuple(group) for group in self._groups.values()]


def read_rows(rows: Iterable[tuple[Any, ...]]) -> list[CallGroup]:
    """Read what ``CallGroups.rows`` wrote."""
    return [CallGroup(*row) for row in rows]


def add_group(sink: SpanSink, group: CallGroup, *, parent: Span | None) -> None:
    """Add one span for all calls of a group, from the first one's start to the last one's end."""
    sink.add_span(
        f"{group.service}.{group.operation}",
        parent=parent,
        start_time_ns=group.start_ns,
        end_time_ns=group.end_ns,
        attributes=group.attributes(),
        error=group.error or None,
    )
