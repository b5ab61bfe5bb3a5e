# SPDX-License-Identifier: Apache-2.0
"""The history of executions: no event after the last one, and a copy in CloudWatch where the machine logs.

Source: "Using CloudWatch Logs to log execution history", AWS Step Functions Developer Guide.
"""

from __future__ import annotations

import json
import time
from typing import Any

from local_cloud.emulator import service
from local_cloud.services.logs import streams

# What each log level writes ("Log levels for Step Functions execution events")
_FATAL = {"ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut"}
_ERROR = _FATAL | {"TaskFailed", "TaskTimedOut", "FailStateEntered", "LambdaFunctionFailed", "MapStateFailed"}
_PAYLOADS = ("input", "output", "parameters", "error", "cause")  # only with includeExecutionData
_ENDED = {"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"}


def install() -> None:
    """Wrap the function that adds events."""
    states = service("stepfunctions")
    add = states._add_event

    def add_event(
        execution: dict[str, Any], kind: str, details: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        if execution["status"] in _ENDED and not kind.startswith("Execution"):
            return {}  # the thread of a stopped execution is not done yet
        event: dict[str, Any] = add(execution, kind, details)
        if event["id"] == 2:  # ministack writes the first event without this function
            _log(execution, execution["events"][0])
        _log(execution, event)
        return event

    states._add_event = add_event


def _log(execution: dict[str, Any], event: dict[str, Any]) -> None:
    machine = service("stepfunctions")._state_machines.get(execution["stateMachineArn"])
    settings = (machine or {}).get("loggingConfiguration") or {}
    level = settings.get("level", "OFF")
    if level == "OFF" or (level != "ALL" and event["type"] not in (_ERROR if level == "ERROR" else _FATAL)):
        return
    message = json.dumps(_message(execution, event, with_data=bool(settings.get("includeExecutionData"))))
    day = time.strftime("%Y-%m-%d-%H-%M", time.gmtime())
    stream = f"states/{machine['name']}/{day}/{execution['name'][:8]}" if machine else execution["name"]
    for destination in settings.get("destinations", []):
        arn = destination.get("cloudWatchLogsLogGroup", {}).get("logGroupArn", "")
        # arn:aws:logs:region:account:log-group:name:*
        streams.write(arn.split(":log-group:")[-1].removesuffix(":*"), stream, message)


def _message(execution: dict[str, Any], event: dict[str, Any], *, with_data: bool) -> dict[str, Any]:
    details: dict[str, Any] = next(
        (value for key, value in event.items() if key.endswith("EventDetails")), {}
    )
    return {
        "id": str(event["id"]),
        "type": event["type"],
        "details": {key: value for key, value in details.items() if with_data or key not in _PAYLOADS},
        "previous_event_id": str(event["id"] - 1),
        "event_timestamp": str(int(time.time() * 1000)),
        "execution_arn": execution["executionArn"],
        "redrive_count": "0",
    }
