# SPDX-License-Identifier: Apache-2.0
"""The traces that this cloud holds."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

from local_cloud.xray.traces.assembly import assemble, end_time, walk
from local_cloud.xray.traces.documents import Document, RejectedError, Unprocessed, parse

TRACE_BYTES = 500 * 1024  # https://docs.aws.amazon.com/general/latest/gr/xray.html
# What the service guarantees once a state machine is part of the trace
# (https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html).
STATE_MACHINE_TRACE_BYTES = 100 * 1024
_STATE_MACHINE = "AWS::StepFunctions::StateMachine"
_TOO_LARGE = (
    "Trace Size Exceeded. Reduce the number of segments per trace and the size of your segment documents."
)


@dataclass(kw_only=True)
class _Held:
    """The documents of one trace, as JSON so that no reader can change them."""

    texts: dict[str, str] = field(default_factory=dict)
    in_progress: set[str] = field(default_factory=set)
    limit: int = TRACE_BYTES
    limit_exceeded: bool = False

    def size(self) -> int:
        return sum(map(len, self.texts.values()))


@dataclass(frozen=True, kw_only=True)
class Trace:
    """A trace as readers see it.

    Attributes
    ----------
    id
        Trace id.
    segments
        Processed segment documents, earliest first.
    limit_exceeded
        Whether documents were refused because the trace was full.
    """

    id: str
    segments: list[Document]
    limit_exceeded: bool = False

    @property
    def start(self) -> float:
        """Epoch seconds at which the trace began."""
        return float(min(segment["start_time"] for segment in self.segments))

    @property
    def duration(self) -> float:
        """Seconds from the first start to the last known end."""
        latest = max(end_time(entity) for segment in self.segments for entity in walk(segment))
        return round(latest - self.start, 3)


class TraceStore:
    """Keeps documents by trace; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._traces: dict[str, _Held] = {}

    def put(self, texts: Iterable[str]) -> list[Unprocessed]:
        """Take documents as a client sends them, and return those that were refused.

        A document in progress is replaced by a later one with its id; a complete one stays as it is.
        """
        refused = []
        for text in texts:
            try:
                for document in parse(text):
                    self._keep(document, overwrite=False)
            except RejectedError as error:
                refused.append(error.reason)
        return refused

    def put_service_segment(self, document: Document) -> None:
        """Take a document of an AWS service, which may replace even its own complete segment.

        Lambda does: the segment of an asynchronous invocation ends with the answer 202, its attempts come
        later. A full trace keeps what it has.
        """
        try:
            self._keep(document, overwrite=True)
        except RejectedError:
            return

    def trace(self, trace_id: str) -> Trace | None:
        """Return a trace as it is now, or None."""
        with self._lock:
            held = self._traces.get(trace_id)
            if held is None or not held.texts:
                return None
            texts, exceeded = list(held.texts.values()), held.limit_exceeded
        return Trace(id=trace_id, segments=assemble(map(json.loads, texts)), limit_exceeded=exceeded)

    def trace_ids(self) -> list[str]:
        """Return the ids of all traces, in the order in which they began to arrive."""
        with self._lock:
            return [trace_id for trace_id, held in self._traces.items() if held.texts]

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._traces.clear()

    def _keep(self, document: Document, *, overwrite: bool) -> None:
        identifier, text = document["id"], json.dumps(document)
        with self._lock:
            held = self._traces.setdefault(document["trace_id"], _Held())
            if identifier in held.texts and identifier not in held.in_progress and not overwrite:
                return
            if document.get("origin") == _STATE_MACHINE:
                held.limit = STATE_MACHINE_TRACE_BYTES
            if held.size() - len(held.texts.get(identifier, "")) + len(text) > held.limit:
                held.limit_exceeded = True
                raise RejectedError(Unprocessed(code="InvalidSegment", message=_TOO_LARGE, id=identifier))
            held.texts[identifier] = text
            if document.get("in_progress"):
                held.in_progress.add(identifier)
            else:
                held.in_progress.discard(identifier)
