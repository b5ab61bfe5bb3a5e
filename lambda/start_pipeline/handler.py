# SPDX-License-Identifier: Apache-2.0
"""Lambda entry point: S3 notifications in; one trace and one execution out per uploaded data set."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Protocol

from start_pipeline.json_log import log
from start_pipeline.launch import launch
from start_pipeline.step_functions import CALL_BUDGET_MS
from start_pipeline.trace_plan import invocation_trace
from start_pipeline.tracing import Tracer
from start_pipeline.uploads import Upload, Uploads, read_uploads
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


def handler(event: Mapping[str, Any] | list[Any], context: LambdaContext) -> dict[str, list[Any]]:
    """Start an execution for every data set of the event, whatever service has brought it.

    Returns
    -------
    dict
        Names of executions: ``started``, and ``duplicate`` (an earlier delivery had started them). For a
        batch of SQS also ``batchItemFailures``: the messages that shall be tried again, as Lambda reads it
        where the event source mapping has ``ReportBatchItemFailures``.

    Raises
    ------
    PipelineNotStartedError
        After all records were tried, when one failed; of a batch of SQS, when every message did. What was
        started stays started.
    """
    join = invocation_trace(os.environ.get("_X_AMZN_TRACE_ID"))
    tracer = Tracer(
        function_name=context.function_name,
        function_arn=context.invoked_function_arn,
        request_id=context.aws_request_id,
        daemon_runs=join is not None and join.is_recorded,
    )
    uploads = read_uploads(event)
    try:
        outcomes = _launch_all(uploads, join, tracer, context)
    finally:
        tracer.send()
    return {**outcomes, **_batch_report(uploads)}


def _launch_all(
    uploads: Uploads, join: TraceHeader | None, tracer: Tracer, context: LambdaContext
) -> dict[str, list[str]]:
    """Launch every upload; the first may join this invocation's trace.

    One that fails does not stop the others. What there is no time for fails too: the retry passes quickly
    over those that are started, and comes further.
    """
    outcomes: dict[str, list[str]] = {"started": [], "duplicate": []}
    reserve = min(CALL_BUDGET_MS, context.get_remaining_time_in_millis() // 2)
    waiting = list(uploads.by_name.items())
    for position, (name, upload) in enumerate(waiting):
        if position and context.get_remaining_time_in_millis() < reserve:
            _give_up([upload for _, upload in waiting[position:]], uploads)
            break
        try:
            outcome = launch(upload.version, name=name, join=None if position else join, tracer=tracer)
        except Exception as error:  # raised by the handler, when the other uploads had their turn
            uploads.fail(error, upload.messages)
        else:
            outcomes[outcome].append(name)
    return outcomes


def _give_up(late: list[Upload], uploads: Uploads) -> None:
    message = f"No time was left for {len(late)} uploads, from {late[0].version.uri} on"
    uploads.fail(TimeoutError(message), {id_ for upload in late for id_ in upload.messages})


def _batch_report(uploads: Uploads) -> dict[str, list[Any]]:
    """Return what Lambda wants to know about a batch of SQS; nothing for any other event.

    Raises
    ------
    PipelineNotStartedError
        When all has to be tried again: then the exception says the same, and Lambda's metrics count it.
    """
    if not uploads.failures:
        return {"batchItemFailures": []} if uploads.messages else {}
    if uploads.failed_messages >= uploads.messages:
        raise PipelineNotStartedError(_summary(uploads.failures)) from uploads.failures[0]
    log.error(_summary(uploads.failures))
    return {"batchItemFailures": [{"itemIdentifier": id_} for id_ in sorted(uploads.failed_messages)]}


def _summary(failures: list[Exception]) -> str:
    return (
        f"{len(failures)} of the event's uploads could not be started, the first because of "
        f"{type(failures[0]).__name__}: {failures[0]}. They are tried again, then they lie in the "
        "dead-letter queue."
    )
