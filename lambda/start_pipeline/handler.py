# SPDX-License-Identifier: Apache-2.0
"""Lambda entry point: S3 notification in; one trace and one execution out per uploaded data set."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from data_layout.datasets import FolderMarker, NotADataSet, dataset_of
from start_pipeline.execution import execution_name
from start_pipeline.json_log import log
from start_pipeline.launch import launch
from start_pipeline.s3_events import EventError, ObjectVersion, is_creation, object_version, records_of
from start_pipeline.step_functions import CALL_BUDGET_MS
from start_pipeline.trace_plan import invocation_trace
from start_pipeline.tracing import Tracer
from xray_common.json_lines import fields
from xray_common.trace_header import TraceHeader


class LambdaContext(Protocol):
    """The part of Lambda's context object that is used."""

    aws_request_id: str
    function_name: str
    invoked_function_arn: str

    def get_remaining_time_in_millis(self) -> int:
        """Return how long this invocation may still run."""


class PipelineNotStartedError(RuntimeError):
    """Executions are missing: Lambda shall try the event again, then put it into the dead-letter queue."""


def handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, list[str]]:
    """Start an execution for every data set of the event.

    Returns
    -------
    dict
        Names of executions: ``started``, and ``duplicate`` (an earlier delivery had started them).

    Raises
    ------
    PipelineNotStartedError
        After all records were tried, when one failed. What was started stays started.
    """
    join = invocation_trace(os.environ.get("_X_AMZN_TRACE_ID"))
    tracer = Tracer(
        function_name=context.function_name,
        function_arn=context.invoked_function_arn,
        request_id=context.aws_request_id,
        daemon_runs=join is not None and join.is_recorded,
    )
    failures: list[Exception] = []
    uploads = _uploads(records_of(event), failures)
    try:
        outcomes = _launch_all(uploads, join, tracer, context, failures)
    finally:
        tracer.send()
    if failures:
        raise PipelineNotStartedError(_summary(failures)) from failures[0]
    return outcomes


def _uploads(records: Iterable[Mapping[str, Any]], failures: list[Exception]) -> dict[str, ObjectVersion]:
    """Return the data sets of an event by execution name, in the event's order, each once."""
    uploads: dict[str, ObjectVersion] = {}
    for record in records:
        if not is_creation(record):
            log.info("Passed over: no new object.", extra=fields(event_name=record.get("eventName")))
            continue
        try:
            upload = object_version(record)
        except EventError as error:
            log.exception("A record of the event cannot be read.")
            failures.append(error)
            continue
        try:
            dataset_of(upload.key)
        except FolderMarker as reason:
            log.info("Passed over. %s", reason, extra=fields(object=upload.uri))
        except NotADataSet as reason:
            log.warning("No execution is started. %s", reason, extra=fields(object=upload.uri))
        else:
            uploads.setdefault(execution_name(upload), upload)
    return uploads


def _launch_all(
    uploads: Mapping[str, ObjectVersion],
    join: TraceHeader | None,
    tracer: Tracer,
    context: LambdaContext,
    failures: list[Exception],
) -> dict[str, list[str]]:
    """Launch every upload; the first may join this invocation's trace.

    One that fails does not stop the others. What there is no time for fails too: the retry passes quickly
    over those that are started, and comes further.
    """
    outcomes: dict[str, list[str]] = {"started": [], "duplicate": []}
    reserve = min(CALL_BUDGET_MS, context.get_remaining_time_in_millis() // 2)
    for position, (name, upload) in enumerate(uploads.items()):
        if position and context.get_remaining_time_in_millis() < reserve:
            missing = len(uploads) - position
            failures.append(TimeoutError(f"No time was left for {missing} uploads, from {upload.uri} on"))
            break
        try:
            outcome = launch(upload, name=name, join=None if position else join, tracer=tracer)
        except Exception as error:  # raised by the handler, when the other uploads had their turn
            failures.append(error)
        else:
            outcomes[outcome].append(name)
    return outcomes


def _summary(failures: list[Exception]) -> str:
    return (
        f"{len(failures)} of the event's uploads could not be started, the first because of "
        f"{type(failures[0]).__name__}: {failures[0]}. Lambda tries the event again, then puts it into the "
        "dead-letter queue."
    )
