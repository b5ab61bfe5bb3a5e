# SPDX-License-Identifier: Apache-2.0
"""The segment of a state machine's execution, which grows while it runs.

Public recordings of this segment are rare: the shape is that of AWS's own reader of it
(aws-samples/tracing-etl-workloads-otel, xray_helper: origin, states as subsegments, the AWS call with its
request id below) and of the X-Ray document schema; ``aws.execution_arn`` is what public parsers of it read.
"""

from __future__ import annotations

import copy
import threading
import time
from typing import Any

from local_cloud.xray.ids import new_segment_id
from local_cloud.xray.segments.causes import cause
from local_cloud.xray.traces.documents import Document
from local_cloud.xray.traces.store import TraceStore
from xray_common.trace_header import TraceHeader

_INPUT_CHARS = 1024  # of the execution's input: the whole may be 256 KB


class ExecutionTrace:
    """Records one execution and sends its document, in progress until it ends, at each change.

    Parameters
    ----------
    store
        Where the documents go.
    header
        Trace and caller.
    execution
        ministack's record of the execution.
    started
        Epoch seconds at which StartExecution was accepted.
    """

    def __init__(
        self, *, store: TraceStore, header: TraceHeader, execution: dict[str, Any], started: float
    ) -> None:
        self._store = store
        self._execution = execution
        self._lock = threading.RLock()
        self.trace_id = header.trace_id
        machine = execution["stateMachineArn"].split(":")  # arn:aws:states:region:account:stateMachine:name
        self.segment: Document = {
            "id": new_segment_id(),
            "name": machine[6],
            "start_time": started,
            "trace_id": header.trace_id,
            "in_progress": True,
            **({"parent_id": header.parent_id} if header.parent_id else {}),
            "aws": {
                "account_id": machine[4],
                "region": machine[3],
                "execution_arn": execution["executionArn"],
                "execution_name": execution["name"],
                "input": str(execution.get("input", ""))[:_INPUT_CHARS],
                "resource_names": [machine[6]],
            },
            "origin": "AWS::StepFunctions::StateMachine",
            "resource_arn": execution["stateMachineArn"],
            "subsegments": [],
        }
        self._send()

    def open(self, name: str, *, below: Document, **fields: Any) -> Document:
        """Begin a subsegment."""
        entity = {
            "id": new_segment_id(),
            "name": name,
            "start_time": time.time(),
            "in_progress": True,
            **fields,
        }
        with self._lock:
            below.setdefault("subsegments", []).append(entity)
            self._send()
        return entity

    def update(self, entity: Document, **fields: Any) -> None:
        """Change fields of a subsegment."""
        with self._lock:
            entity.update(fields)
            self._send()

    def fail(self, entity: Document, why: dict[str, Any]) -> None:
        """Mark a subsegment as failed."""
        self.update(entity, fault=True, cause=why)

    def close(self, entity: Document) -> None:
        """End a subsegment."""
        with self._lock:
            if entity.pop("in_progress", None):
                entity["end_time"] = time.time()
                self._send()

    def enter_final_state(self, name: str) -> None:
        """Begin a Succeed or Fail state; it ends with the execution."""
        self.open(name, below=self.segment)

    def finish(self) -> None:
        """End the segment as the execution ended; a second call does nothing."""
        with self._lock:
            if "in_progress" not in self.segment:
                return
            status = self._execution.get("status")
            if status not in ("SUCCEEDED", "RUNNING"):
                error = str(self._execution.get("error") or f"States.{status}")
                failure = {
                    "fault": True,
                    "cause": cause(type=error, message=str(self._execution.get("cause") or "")),
                }
                self.segment.update(copy.deepcopy(failure))
                for state in self.segment["subsegments"]:
                    if "in_progress" in state:  # the Fail state, or what was running when it was stopped
                        state.update(copy.deepcopy(failure))
            _end_all(self.segment, time.time())
            self.segment["http"] = {"response": {"status": 200}}  # the answer to StartExecution
            self._send()

    def _send(self) -> None:
        self._store.put_service_segment(copy.deepcopy(self.segment))


def _end_all(entity: Document, now: float) -> None:
    if entity.pop("in_progress", None):
        entity["end_time"] = now
    for child in entity.get("subsegments", []):
        _end_all(child, now)
