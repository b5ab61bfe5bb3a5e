# SPDX-License-Identifier: Apache-2.0
"""The two segments of a Lambda invocation, in the shape of recorded ones.

``AWS::Lambda`` is the service: for an asynchronous event it answers 202 and holds ``Dwell Time`` and an
``Attempt #n`` per try. ``AWS::Lambda::Function`` is one run of the function: below the service segment, or
below its attempt, with ``Initialization`` (a cold start only; it lies before the segment's own start),
``Invocation`` and ``Overhead``. https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
"""

from __future__ import annotations

import threading
import time
from typing import Any

from local_cloud.xray.ids import new_segment_id
from local_cloud.xray.segments.causes import lambda_cause
from local_cloud.xray.traces.documents import Document
from xray_common.trace_header import TraceHeader

_OK, _ACCEPTED, _TOO_MANY = 200, 202, 429  # HTTP


class AsyncEvent:
    """An event in the queue of asynchronous invocations; its service segment grows with each attempt.

    Parameters
    ----------
    header
        Trace that all attempts belong to; None when they belong to none.
    """

    def __init__(self, *, header: TraceHeader | None) -> None:
        self.header = header
        self.segment_id, self._dwell_id = new_segment_id(), new_segment_id()
        self.accepted = self.answered = time.time()
        self.request_id: str | None = None
        self.attempts: list[Document] = []
        self.lock = threading.Lock()

    def begin_attempt(self, request_id: str) -> Document:
        """Add an attempt that starts now."""
        with self.lock:
            self.request_id = self.request_id or request_id  # a retry keeps the id of the event
            number = len(self.attempts) + 1
            attempt: Document = {
                "id": new_segment_id(),
                "name": f"Attempt #{number}",
                "start_time": time.time(),
            }
            self.attempts.append(attempt)
            return attempt

    def subsegments(self) -> list[Document]:
        """Return the time in the queue and the attempts so far."""
        dwell = {
            "id": self._dwell_id,
            "name": "Dwell Time",
            "start_time": self.accepted,
            "end_time": max(self.accepted, self.attempts[0]["start_time"]),
        }
        return [dwell, *self.attempts]


class Invocation:
    """One run of a function.

    Parameters
    ----------
    config
        The function's configuration, as ministack keeps it.
    header
        Trace and caller.
    request_id
        Lambda's request id.
    event
        The queued event that this run is an attempt of; None for a synchronous invocation.
    """

    def __init__(
        self, *, config: dict[str, Any], header: TraceHeader, request_id: str, event: AsyncEvent | None
    ) -> None:
        self._name = str(config.get("FunctionName", "unknown"))
        self._arn = str(config.get("FunctionArn", ""))
        self._header = header
        self._request_id = request_id
        self._event = event
        self._attempt = event.begin_attempt(request_id) if event else None
        self._service_id = event.segment_id if event else new_segment_id()
        self._function_id = new_segment_id()
        self._started = time.time()
        self._initialization: tuple[float, float] | None = None
        self._handler: tuple[float, float] | None = None

    @property
    def worker_header(self) -> TraceHeader:
        """The header that the function gets as ``_X_AMZN_TRACE_ID``."""
        return TraceHeader(trace_id=self._header.trace_id, parent_id=self._function_id, sampled=True)

    def initialized(self, started: float, ended: float) -> None:
        """Note a cold start."""
        self._initialization = (started, ended)

    def handled(self, started: float, ended: float) -> None:
        """Note when the handler had the event; what follows is overhead."""
        self._handler = (started, ended)

    def finish(self, result: dict[str, Any]) -> list[Document]:
        """Return the segments of this run, which ended now."""
        failure = {"fault": True} if result.get("error") else {}
        ended = time.time()
        if self._attempt is not None:
            self._attempt.update(end_time=ended, http={"response": {"status": _OK}}, **failure)
        return [
            self._service_segment(ended, failure),
            self._function_segment(ended, result, failure),
        ]

    def _service_segment(self, ended: float, failure: Document) -> Document:
        event = self._event
        segment: Document = {
            "id": self._service_id,
            "name": self._name,
            "start_time": event.accepted if event else self._started,
            "trace_id": self._header.trace_id,
            "end_time": max(event.answered, event.accepted) if event else ended,
            "http": {"response": {"status": _ACCEPTED if event else _OK}},
            "aws": {"request_id": event.request_id if event else self._request_id},
            "origin": "AWS::Lambda",
            "resource_arn": self._arn,
            **failure,
        }
        if self._header.parent_id:
            segment["parent_id"] = self._header.parent_id
        if event:
            segment["subsegments"] = event.subsegments()
        return segment

    def _function_segment(self, ended: float, result: dict[str, Any], failure: Document) -> Document:
        started, returned = self._handler or (self._started, ended)
        if self._initialization:  # which is part of the time that the handler's worker took
            started = self._initialization[1]
        cause = {"cause": lambda_cause(result)} if failure else {}
        parts = [
            self._part("Invocation", started, returned, **failure, **cause),
            self._part("Overhead", returned, ended),
        ]
        if self._initialization:
            parts.insert(0, self._part("Initialization", *self._initialization))
        arn = self._arn.split(":")
        return {
            "id": self._function_id,
            "name": self._name,
            "start_time": started,
            "trace_id": self._header.trace_id,
            "end_time": ended,
            "parent_id": self._attempt["id"] if self._attempt else self._service_id,
            "aws": {
                "account_id": arn[4] if len(arn) > 4 else "",  # arn:aws:lambda:region:account:function:name
                "function_arn": self._arn,
                "resource_names": [self._name],
            },
            "origin": "AWS::Lambda::Function",
            "resource_arn": self._arn,
            **failure,
            **cause,
            "subsegments": parts,
        }

    def _part(self, name: str, start: float, end: float, **fields: Any) -> Document:
        aws = {"function_arn": self._arn}
        return {
            "id": new_segment_id(),
            "name": name,
            "start_time": start,
            "end_time": end,
            "aws": aws,
            **fields,
        }


def throttled_segment(config: dict[str, Any], header: TraceHeader) -> Document:
    """Return the service segment of a synchronous invocation that was refused for want of concurrency."""
    now = time.time()
    segment: Document = {
        "id": new_segment_id(),
        "name": str(config.get("FunctionName", "unknown")),
        "start_time": now,
        "trace_id": header.trace_id,
        "end_time": now,
        "http": {"response": {"status": _TOO_MANY}},
        "error": True,
        "throttle": True,
        "origin": "AWS::Lambda",
        "resource_arn": str(config.get("FunctionArn", "")),
    }
    if header.parent_id:
        segment["parent_id"] = header.parent_id
    return segment
