# SPDX-License-Identifier: Apache-2.0
r"""Steps of a forked process (multiprocessing, ``os.fork``), on their way home to the job's own.

A child has a copy of the job and of all its spans, and nothing that it adds to the copy is seen by its
parent. So it appends what it has to say to a file that both know the name of: a JSON line when a step begins,
another when it ends, an empty one for a step that finds the file full.
"""

from __future__ import annotations

import functools
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import SpanContext, Status, StatusCode

from xray_helper.record.readable import SAMPLED, copy_span, finished_span

UNFINISHED: Final = "xray.step.unfinished"  # the step's end is not known
_MAX_BYTES: Final = 2_000_000  # of one job, some thousand steps; a trace takes fewer


class ForkedSteps:
    """The file of one job."""

    def __init__(self, *, trace_id: int) -> None:
        self._trace_id = trace_id
        self._process_id = os.getpid()

    @property
    def is_child(self) -> bool:
        """Whether this process is not the one in which the job began."""
        return os.getpid() != self._process_id

    def write(self, span: ReadableSpan, *, end_ns: int | None) -> None:
        """Send a step home, in a child: without an end when it begins."""
        line = json.dumps(_record(span, end_ns), default=str).encode() + b"\n"
        # Not kept open: a child that closes all files (a daemon does) may have one of its own by that number.
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            is_full = os.fstat(file).st_size + len(line) > _MAX_BYTES
            if not is_full:
                os.write(file, line)  # whole: the file was opened to be appended to
            elif end_ns is None:
                os.write(file, b"\n")
        finally:
            os.close(file)

    def read(self, *, resource: Resource, end_ns: int) -> tuple[list[ReadableSpan], int]:
        """Return the steps that have come home, and how many did not fit; in the job's process, once.

        A step without an end (it still runs, or its process was killed) ends with the job, at ``end_ns``.
        """
        try:
            text = self._path.read_text()
        except FileNotFoundError:
            return [], 0
        self._path.unlink(missing_ok=True)
        lines = text.split("\n")[:-1]  # behind the last line end: nothing, or what was not written whole
        known = [_parse(line) for line in lines]
        records = {record["id"]: record for record in known if record is not None}
        spans = [self._span(record, resource, end_ns) for record in records.values()]
        return spans, known.count(None)

    @functools.cached_property
    def _path(self) -> Path:
        return Path(tempfile.gettempdir(), f"xray-steps-{self._trace_id:032x}-{self._process_id}.jsonl")

    def _span(self, record: Mapping[str, Any], resource: Resource, end_ns: int) -> ReadableSpan:
        ended_ns = record["end"]
        unfinished = {UNFINISHED: True} if ended_ns is None else {}
        span = finished_span(
            record["name"],
            context=self._context(record["id"]),
            parent=self._context(record["parent"]),
            resource=resource,
            times_ns=(record["start"], ended_ns or end_ns),
            attributes=record["attributes"] | unfinished,
            error=None,
        )
        if record["error"] is None:
            return span
        events = [Event(name, attributes, time_ns) for name, attributes, time_ns in record["events"]]
        return copy_span(span, events=events, status=Status(StatusCode.ERROR, record["error"]))

    def _context(self, span_id: int) -> SpanContext:
        return SpanContext(self._trace_id, span_id, is_remote=False, trace_flags=SAMPLED)


def _parse(line: str) -> dict[str, Any] | None:
    """Read a line; None for an empty one, and for one that a full disk has cut short."""
    try:
        record: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    return record


def _record(span: ReadableSpan, end_ns: int | None) -> dict[str, Any]:
    context, parent = span.get_span_context(), span.parent
    failed = span.status.status_code is StatusCode.ERROR
    return {
        "id": context.span_id if context else 0,
        "parent": parent.span_id if parent else 0,
        "name": span.name,
        "start": span.start_time,
        "end": end_ns,
        "attributes": dict(span.attributes or {}),
        "error": (span.status.description or "") if failed else None,
        "events": [(event.name, dict(event.attributes or {}), event.timestamp) for event in span.events],
    }
