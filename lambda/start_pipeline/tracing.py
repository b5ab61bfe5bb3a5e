# SPDX-License-Identifier: Apache-2.0
"""Report to X-Ray what happened. The only module that knows aws-xray-sdk.

Documents are built after the call that they describe, with the times measured around it, and are sent when
all executions are started: nothing here can delay or break a start. Of the SDK the documents are used and
not the recorder: inside Lambda that one refuses segments, drops what an unsampled invocation does, and keeps
its state per thread.

AWS puts security fixes alone into that SDK since 25 February 2026, and ends its support on 25 February 2027
("X-Ray SDK and daemon end of support timeline"; another page, "X-Ray SDK and Daemon Support timeline", names
no end). The releases stay on PyPI. To do without: write the few fields that `_subsegment` and `_root` set as
a dict, after "X-Ray segment documents", and serialize it here; no other module of the function changes.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from start_pipeline.json_log import log
from start_pipeline.trace_plan import TracePlan
from start_pipeline.xray import send
from xray_common.json_lines import fields

STACK_LIMIT = 10  # frames


@dataclass(frozen=True, kw_only=True)
class StartCall:
    """One StartExecution: its outcome, and its times in seconds since the epoch.

    ``annotations`` are searchable, and so stand on the trace that the execution belongs to and on no other.
    """

    outcome: Literal["started", "duplicate", "failed"]
    start: float
    end: float
    annotations: Mapping[str, str]
    request_id: str = ""
    retries: int = 0
    error: Exception | None = None


class Tracer:
    """Collect the documents of one invocation. No method raises.

    * Lambda's own trace gets a subsegment per call that joined it; a duplicate is marked as one, and not
      annotated with the run: a search for a run finds one trace.
    * A trace of ours gets its root segment and a subsegment, each a document of its own. After a failure the
      root is sent as in progress, with the fault: the retry, which makes the same ids, completes it.
    * A duplicate adds nothing to a trace of ours: the first delivery has sent its segments.
    """

    def __init__(self, *, function_name: str, function_arn: str, request_id: str, daemon_runs: bool) -> None:
        self._function_name = function_name
        self._aws = {"function_arn": function_arn, "request_id": request_id}
        self._daemon_runs = daemon_runs
        self._documents: list[str] = []
        self._lost = 0
        self._reasons: set[str] = set()

    def add(self, plan: TracePlan, call: StartCall) -> None:
        """Note a call."""
        if not plan.header.sampled or (plan.owns_root and call.outcome == "duplicate"):
            return
        try:
            self._documents += self._documents_of(plan, call)
        except Exception as error:  # telemetry fails alone
            self._lost += 1 + plan.owns_root
            self._reasons.add(repr(error))

    def send(self) -> None:
        """Send what was noted, and log in one line what was lost."""
        try:
            lost, reasons = send(self._documents, daemon_runs=self._daemon_runs)
        except Exception as error:  # telemetry fails alone
            lost, reasons = len(self._documents), {repr(error)}
        self._lost, self._reasons, self._documents = self._lost + lost, self._reasons | reasons, []
        if self._reasons:
            log.warning(
                "Trace documents had trouble; the pipeline is not affected.",
                extra=fields(trace_documents_lost=self._lost, reasons=sorted(self._reasons)),
            )

    def _documents_of(self, plan: TracePlan, call: StartCall) -> list[str]:
        from aws_xray_sdk.core.models.facade_segment import FacadeSegment  # reads its settings, may raise
        from aws_xray_sdk.core.models.segment import Segment

        segment = (Segment if plan.owns_root else FacadeSegment)(
            name=self._function_name, traceid=plan.header.trace_id, entityid=plan.segment_id, sampled=True
        )
        documents = [_subsegment(segment, plan, call).serialize()]
        if plan.owns_root:
            documents.append(_root(segment, call, self._aws).serialize())
        return documents


def _subsegment(segment: Any, plan: TracePlan, call: StartCall) -> Any:
    """Return the closed subsegment around the call to Step Functions."""
    from aws_xray_sdk.core.models.subsegment import Subsegment

    subsegment = Subsegment("StartExecution", "aws", segment)
    subsegment.id, subsegment.start_time = plan.header.parent_id, call.start
    segment.add_subsegment(subsegment)
    _describe(subsegment, call)
    aws = {
        "operation": "StartExecution",
        "region": os.environ.get("AWS_REGION"),
        "request_id": call.request_id,
    }
    subsegment.set_aws({key: value for key, value in aws.items() if value} | {"retries": call.retries})
    if call.error is not None:
        stack = traceback.extract_tb(call.error.__traceback__, limit=STACK_LIMIT)
        subsegment.add_exception(call.error, stack, remote=True)
    subsegment.close(call.end)
    segment.remove_subsegment(subsegment)  # it is a document of its own
    return subsegment


def _root(segment: Any, call: StartCall, aws: Mapping[str, str]) -> Any:
    """Return our root segment: complete, or in progress while the execution is still to be started."""
    segment.start_time = call.start
    segment.origin = "AWS::Lambda::Function"
    segment.set_aws(dict(aws))
    _describe(segment, call)
    if call.outcome == "failed":
        segment.add_fault_flag()
    else:
        segment.close(call.end)
    return segment


def _describe(entity: Any, call: StartCall) -> None:
    if call.outcome == "duplicate":
        entity.put_annotation("duplicate_delivery", True)
        for key, value in call.annotations.items():
            entity.put_metadata(key, value)
        return
    for key, value in call.annotations.items():
        entity.put_annotation(key, value)
