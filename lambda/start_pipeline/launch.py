# SPDX-License-Identifier: Apache-2.0
"""Start the execution of one upload: the call, its trace and its log line."""

from __future__ import annotations

import os
import time
from functools import partial

from data_layout.datasets import dataset_of
from start_pipeline.correlation import correlation_id
from start_pipeline.execution import execution_input
from start_pipeline.json_log import log
from start_pipeline.object_version import ObjectVersion
from start_pipeline.step_functions import Outcome, start_execution
from start_pipeline.trace_plan import TracePlan, plan_trace, sampling_rate
from start_pipeline.tracing import StartCall, Tracer
from xray_common.json_lines import fields
from xray_common.trace_header import TraceHeader


def launch(upload: ObjectVersion, *, name: str, join: TraceHeader | None, tracer: Tracer) -> Outcome:
    """Start the execution ``name`` for an upload, in the trace of this invocation or in one of its own.

    Raises
    ------
    botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError
        When it could not be started.
    """
    caller_id = correlation_id(upload)
    plan = plan_trace(upload, join=join, rate=sampling_rate(os.environ.get("TRACE_SAMPLING_RATE")))
    annotations = {"dataset": dataset_of(upload.key), "run_id": name}
    call = partial(StartCall, start=time.time(), annotations=annotations)
    header = str(plan.header)
    facts = {**_facts(upload, name, plan), "correlation_id": caller_id or plan.header.trace_id}
    try:
        result = start_execution(
            state_machine_arn=os.environ["STATE_MACHINE_ARN"],
            name=name,
            document=execution_input(upload, name=name, trace_header=header, correlation_id=caller_id),
            trace_header=header,
        )
    except Exception as error:
        tracer.add(plan, call(outcome="failed", end=time.time(), error=error))
        log.exception("The execution was not started.", extra=fields(**facts))
        raise
    end = time.time()
    tracer.add(
        plan, call(outcome=result.outcome, end=end, request_id=result.request_id, retries=result.retries)
    )
    if result.outcome == "duplicate":
        # No trace id: that of the execution is known to its first delivery only.
        log.info(
            "Duplicate delivery: the execution was there already.",
            extra=fields(object=upload.uri, run_id=name),
        )
    else:
        log.info("Execution started.", extra=fields(**facts))
    return result.outcome


def _facts(upload: ObjectVersion, name: str, plan: TracePlan) -> dict[str, object]:
    return {
        "object": upload.uri,
        "version_id": upload.version_id,
        "run_id": name,
        "trace_id": plan.header.trace_id,
        "sampled": plan.header.sampled,
    }
