# SPDX-License-Identifier: Apache-2.0
"""X-Ray segment documents, read into typed nodes.

The shape of a document is the one of the X-Ray developer guide, "Segment documents". No code here depends on
who wrote a document, or fails on a field that is missing or of the wrong type: a page about a broken run must
open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from trace_viewer.model.json_text import bounded
from trace_viewer.model.times import epoch_seconds
from xray_common.conventions import EXECUTOR_ID
from xray_common.intervals import Interval
from xray_common.walk import preorder

FAILURES = ("fault", "throttle", "error")
"""The failing states, worst first, by their names in X-Ray documents."""

CALLS = {"aws": "AWS SDK call", "remote": "HTTP call"}
"""Namespaces of calls, in words."""

STATE_MACHINE = "AWS::StepFunctions::StateMachine"

HEADLINE_LENGTH = 400  # characters of a message that its one-line form keeps

_READ_FIELDS = {
    *("id", "name", "start_time", "end_time", "in_progress", "trace_id", "parent_id", "type", "namespace"),
    *("origin", "inferred", *FAILURES, "cause", "annotations", "metadata", "subsegments"),
}


@dataclass(frozen=True, slots=True)
class ExceptionInfo:
    """One exception of a `cause` object. `stack` holds lines of text, innermost call first."""

    id: str
    type: str
    message: str
    stack: tuple[str, ...] = ()
    cause: str = ""
    """The id of the exception that led to this one."""

    @property
    def headline(self) -> str:
        """`Type: message` on one line. The first line of a Java error that Python wraps is no use alone."""
        message = " ".join(self.message[:HEADLINE_LENGTH].split())
        message += "…" if len(self.message) > HEADLINE_LENGTH else ""
        return f"{self.type}: {message}" if self.type and message else self.type or message


@dataclass(slots=True)
class Node:
    """A segment or subsegment of a trace, at its place in the tree. Times are in epoch seconds."""

    id: str
    name: str
    start: float
    end: float | None
    is_segment: bool
    parent_id: str | None = None
    namespace: str = ""
    origin: str = ""
    in_progress: bool = False
    end_unknown: bool = False
    """It has ended, and nobody said when: drawn to its caller's end, measured by nothing."""
    is_missing: bool = False
    """It is not in the trace: only its id is known, from what is below it."""
    shift: float = 0.0
    """Seconds by which it is drawn later than its document says, because its clock is wrong."""
    inferred: bool = False
    failure: str = ""
    annotations: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    exceptions: tuple[ExceptionInfo, ...] = ()
    cause_id: str = ""

    steps_by_stage: dict[int, list[tuple[Node, Node]]] | None = None
    """Which children ran a Spark stage, each with the stage's span, by its id; filled when asked for."""
    guests: dict[str, list[Node]] | None = None
    """Which children had their work done in another child, by that one's id; filled when asked for."""
    parent: Node | None = None
    segment_above: Node | None = None
    children: list[Node] = field(default_factory=list)
    orphan: bool = False
    finish: float = 0.0
    self_intervals: list[Interval] = field(default_factory=list)
    critical_intervals: list[Interval] = field(default_factory=list)
    on_critical_path: bool = False

    @property
    def status(self) -> str:
        """One of `fault`, `throttle`, `error`, `running`, `unknown` (whether and when it ended), `ok`."""
        return self.failure or ("running" if self.in_progress else "unknown" if self.end_unknown else "ok")

    @property
    def duration(self) -> float:
        """Seconds from start to end; to the end of the trace while the node is in progress."""
        return max(0.0, self.finish - self.start)

    @property
    def self_time(self) -> float:
        """Seconds in which nothing below this node was running."""
        return sum(end - start for start, end in self.self_intervals)

    @property
    def children_time(self) -> float:
        """Seconds, inside this node's own time, in which something below it was running."""
        return max(0.0, self.duration - self.self_time)

    @property
    def repeats_caller(self) -> bool:
        """Whether this is the segment that X-Ray inferred from a call: same name, same times, nothing new."""
        return self.inferred and self.parent is not None and not self.parent.is_segment and not self.orphan

    @property
    def is_beside(self) -> bool:
        """Whether this is no work of the caller's but what it had to work with: an executor's life."""
        return not self.is_segment and EXECUTOR_ID in self.attributes

    @property
    def attributes(self) -> Mapping[str, Any]:
        """What the library wrote, under the names of `xray_common.conventions`; empty where there is none."""
        default = self.metadata.get("default")
        return default if isinstance(default, Mapping) else {}

    @property
    def segment(self) -> Node:
        """The segment that this node is or belongs to; the topmost node where no segment is known."""
        return self.segment_above or self

    @property
    def aws(self) -> Mapping[str, Any]:
        """The `aws` object of the document; empty where there is none."""
        aws = self.details.get("aws")
        return aws if isinstance(aws, Mapping) else {}

    @property
    def operation(self) -> str:
        """The AWS operation that was called, such as `StartJobRun`; empty for anything but a call."""
        return str(self.aws.get("operation") or "")

    @property
    def log_groups(self) -> list[str]:
        """The log groups that the document names."""
        logs = self.aws.get("cloudwatch_logs")
        entries = logs if isinstance(logs, list) else []
        return [
            str(entry["log_group"])
            for entry in entries
            if isinstance(entry, Mapping) and "log_group" in entry
        ]

    @property
    def kind(self) -> str:
        """What the node is, in a few words: `Lambda Function`, `AWS SDK call`, `HTTP call` or nothing."""
        if self.origin:
            return self.origin.removeprefix("AWS::").replace("::", " ")
        return "" if self.is_segment else CALLS.get(self.namespace, "")

    def walk(self) -> Iterator[Node]:
        """Yield this node and everything below it, parents first, siblings by start time."""
        return preorder(self, lambda node: node.children)

    def descendants(self) -> Iterator[Node]:
        """Yield everything below this node, parents first."""
        return islice(self.walk(), 1, None)


def read_node(fields: Mapping[str, Any]) -> Node | None:
    """Build a node from the fields of one document; None when it has no id or no start time."""
    start = epoch_seconds(fields.get("start_time"))
    if not fields.get("id") or start is None:
        return None
    end = epoch_seconds(fields.get("end_time"))
    cause = fields.get("cause")
    return Node(
        id=str(fields["id"]),
        name=str(fields.get("name") or fields["id"]),
        start=start,
        end=None if end is None else max(start, end),
        is_segment=fields.get("type") != "subsegment",
        parent_id=str(fields["parent_id"]) if fields.get("parent_id") else None,
        namespace=str(fields.get("namespace") or ""),
        origin=str(fields.get("origin") or ""),
        in_progress=end is None,
        inferred=fields.get("inferred") is True,
        failure=next((name for name in FAILURES if fields.get(name) is True), ""),
        annotations=_mapping(fields.get("annotations")),
        metadata=_mapping(fields.get("metadata")),
        details={str(key): bounded(value) for key, value in fields.items() if key not in _READ_FIELDS},
        exceptions=_read_exceptions(cause),
        cause_id=cause if isinstance(cause, str) else "",
    )


def _mapping(value: object) -> dict[str, Any]:
    return {str(key): bounded(item) for key, item in value.items()} if isinstance(value, Mapping) else {}


def _read_exceptions(cause: object) -> tuple[ExceptionInfo, ...]:
    found = cause.get("exceptions") if isinstance(cause, Mapping) else None
    if not isinstance(found, list):
        return ()
    return tuple(_read_exception(item) for item in found if isinstance(item, Mapping))


def _read_exception(fields: Mapping[str, Any]) -> ExceptionInfo:
    stack = fields.get("stack")
    frames = stack if isinstance(stack, list) else []
    return ExceptionInfo(
        id=str(fields.get("id") or ""),
        type=str(fields.get("type") or ""),
        message=str(fields.get("message") or ""),
        stack=tuple(_frame(frame) for frame in frames if isinstance(frame, Mapping)),
        cause=str(fields.get("cause") or ""),
    )


def _frame(fields: Mapping[str, Any]) -> str:
    place = ":".join(str(fields[key]) for key in ("path", "line") if fields.get(key) not in (None, ""))
    label = str(fields.get("label") or "")
    return f"{label} ({place})" if label and place else label or place
