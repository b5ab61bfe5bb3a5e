# SPDX-License-Identifier: Apache-2.0
"""The optimised integration ``glue:startJobRun``, plain and ``.sync``.

Source: "Start AWS Glue jobs with Step Functions", AWS Step Functions Developer Guide.
"""

from __future__ import annotations

import json
import math
import time
import uuid
from collections.abc import Mapping
from typing import Any

from local_cloud.emulator import ApiError, core, service
from local_cloud.services.glue import GlueRuns
from local_cloud.services.glue.run import JobRun
from local_cloud.services.stepfunctions.running import RunningTasks, leave_if_ended
from local_cloud.xray.segments.calls import describe_call

RESOURCE = "arn:aws:states:::glue:startJobRun"
_TIMES = ("StartedOn", "CompletedOn", "LastModifiedOn")
_HTTP_OK, _HTTP_BAD_REQUEST = 200, 400


def start_job_run(runs: GlueRuns, parameters: Mapping[str, Any]) -> tuple[JobRun, dict[str, Any]]:
    """Start a run; return it and the answer as Step Functions shows it.

    Raises
    ------
    _ExecutionError
        ``Glue.<exception>`` for a refused request, ``States.Runtime`` for arguments that are no strings.
    """
    states, glue = service("stepfunctions"), service("glue")
    _check_arguments(states, parameters)
    request_id = str(uuid.uuid4())
    try:
        name = parameters.get("JobName", "")
        job = glue._jobs.get(name)
        if job is None:
            raise ApiError("EntityNotFoundException", f"Job with name: {name} not found.")
        run = runs.start(job, parameters)
    except ApiError as error:
        describe_call(request_id=request_id, status=_HTTP_BAD_REQUEST)
        details = f"(Service: AWSGlue; Status Code: 400; Error Code: {error.code}; Request ID: {request_id})"
        raise states._ExecutionError(f"Glue.{error.code}", f"{error.message} {details}") from error
    describe_call(request_id=request_id, status=_HTTP_OK)
    return run, _answer(run, request_id)


def wait_for(
    run: JobRun, *, runs: GlueRuns, tasks: RunningTasks, execution: dict[str, Any], timeout: float | None
) -> dict[str, Any]:
    """Wait for the end of a run and return it as the task's result.

    The run is stopped when the task's time is over or the execution ends before it.

    Raises
    ------
    _ExecutionError
        ``States.TaskFailed`` with the run as cause when it did not succeed, ``States.Timeout``.
    """
    states = service("stepfunctions")
    with tasks.cancelled_by(execution, lambda: _stop(runs, run)):
        ended = run.ended.wait(timeout)
    leave_if_ended(execution)
    if not ended:
        _stop(runs, run)
        raise states._ExecutionError("States.Timeout", "")
    result = describe(run)
    if run.state != "SUCCEEDED":
        raise states._ExecutionError("States.TaskFailed", json.dumps(result))
    return result


def describe(run: JobRun) -> dict[str, Any]:
    """Return a run as Step Functions shows it: members sorted, times in milliseconds."""
    record = dict(sorted(run.record.items()))
    return {
        key: math.floor(value * 1000) if key in _TIMES and value is not None else value
        for key, value in record.items()
    }


def _stop(runs: GlueRuns, run: JobRun) -> None:
    try:
        runs.stop(run)
    except ApiError:
        return  # it ended in the meantime


def _answer(run: JobRun, request_id: str) -> dict[str, Any]:
    date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
    headers = {
        "Date": [date],
        "Content-Type": ["application/x-amz-json-1.1"],
        "x-amzn-RequestId": [request_id],
    }
    return {
        "JobRunId": run.id,
        "SdkHttpMetadata": {
            "AllHttpHeaders": headers,
            "HttpHeaders": {name: values[0] for name, values in headers.items()},
            "HttpStatusCode": _HTTP_OK,
        },
        "SdkResponseMetadata": {"RequestId": request_id},
    }


def _check_arguments(states: Any, parameters: Mapping[str, Any]) -> None:
    """Refuse what the service's own parser refuses: the values of ``Arguments`` are strings."""
    wrong = [key for key, value in (parameters.get("Arguments") or {}).items() if not isinstance(value, str)]
    if wrong:
        raise states._ExecutionError(
            "States.Runtime",
            f"The Parameters '{json.dumps(parameters)}' could not be used to start the Task: "
            f"[The value for the field '{wrong[0]}' must be a STRING]",
        )


def region() -> str:
    """Return the region of the execution."""
    return str(core("responses").get_region())
