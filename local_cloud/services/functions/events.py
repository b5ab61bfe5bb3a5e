# SPDX-License-Identifier: Apache-2.0
"""Lambda's queue of asynchronous events: a few at a time, two retries, then the dead-letter queue.

Source: "How Lambda handles errors and retries with asynchronous invocation", AWS Lambda Developer Guide. The
pauses between attempts are seconds here, where the service takes minutes.
"""

from __future__ import annotations

import contextvars
import json
import logging
import os
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from local_cloud.emulator import service

_log = logging.getLogger("local_cloud.services.functions")
_PAUSES = (0.5, 1.0)  # seconds before the second and the third attempt
_THROTTLE_PAUSE = 0.2  # seconds before a throttled event is tried again; that is no attempt
_MAX_AGE = 21600  # seconds that an event may wait, unless the function says otherwise
_MAX_AT_ONCE = 2 * (os.cpu_count() or 1)  # processes; a burst of events waits in the queue, as on AWS
_OK = "200"  # ErrorCode of a dead letter: the HTTP status of an invocation that failed in the function


@dataclass(kw_only=True)
class _Event:
    """One event in the queue."""

    function: dict[str, Any]
    payload: Any
    context: contextvars.Context
    attempts: int = 0
    accepted: float = field(default_factory=time.time)


class EventQueue:
    """Takes the place of ministack's thread per event."""

    def __init__(self) -> None:
        self._lambda = service("lambda_svc")
        self._pool = ThreadPoolExecutor(max_workers=_MAX_AT_ONCE, thread_name_prefix="lambda-event")

    def install(self) -> None:
        """Have every event source put its events here."""
        self._lambda.invoke_async_with_retry = self.accept

    def accept(self, function: dict[str, Any], payload: Any) -> None:
        """Queue an event and return at once."""
        event = _Event(function=function, payload=payload, context=contextvars.copy_context())
        self._pool.submit(self._attempt, event)

    def close(self) -> None:
        """Take no more events."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _attempt(self, event: _Event) -> None:
        try:
            event.context.run(self._run, event)
        except Exception:  # a thread of the pool must not take an error with it silently
            _log.exception("An asynchronous event could not be handled by the local cloud itself")

    def _run(self, event: _Event) -> None:
        config = event.function.get("config") or event.function
        result = self._lambda._run_with_function_config_scope(
            config, self._lambda._execute_function, event.function, event.payload
        )
        if result.get("log"):
            _log.info("Lambda %s:\n%s", config.get("FunctionName"), result["log"])
        if not result.get("error"):
            return
        throttled = bool(result.get("throttle"))
        event.attempts += 0 if throttled else 1
        retries, max_age = _limits(event.function)
        expired = time.time() - event.accepted > max_age
        if expired or event.attempts > retries:
            self._lambda._run_with_function_config_scope(config, self._give_up, event, config, result)
            return
        pause = _THROTTLE_PAUSE if throttled else _PAUSES[min(event.attempts, len(_PAUSES)) - 1]
        timer = threading.Timer(pause, self._pool.submit, args=(self._attempt, event))
        timer.daemon = True
        timer.start()

    def _give_up(self, event: _Event, config: dict[str, Any], result: dict[str, Any]) -> None:
        settings = _settings(event.function)
        destination = (settings.get("DestinationConfig") or {}).get("OnFailure", {}).get("Destination")
        if destination:
            self._lambda._route_async_failure(destination, config["FunctionName"], event.payload, result)
        letter_box = (config.get("DeadLetterConfig") or {}).get("TargetArn")
        if letter_box:
            send_dead_letter(letter_box, event.payload, result)


def send_dead_letter(target: str, payload: Any, result: dict[str, Any]) -> None:
    """Put a failed event into a dead-letter queue: the event itself, with the error in three attributes."""
    sqs = service("sqs")
    queue = sqs._queue_by_arn(target)
    if queue is None:
        _log.error("The dead-letter queue %s does not exist: an event is lost", target)
        return
    body = result.get("body")
    message = str(body.get("errorMessage", "")) if isinstance(body, dict) else str(body)
    attributes = {
        "RequestID": str(uuid.uuid4()),
        "ErrorCode": _OK,
        "ErrorMessage": message[:1024] or "Unknown",
    }
    types = {"ErrorCode": "Number"}
    request = {
        "QueueUrl": queue["url"],
        "MessageBody": json.dumps(payload),
        "MessageAttributes": {
            name: {"DataType": types.get(name, "String"), "StringValue": value}
            for name, value in attributes.items()
        },
    }
    sqs._act_send_message(request, queue["url"])


def _settings(function: dict[str, Any]) -> dict[str, Any]:
    versions = function.get("event_invoke_configs") or {}
    settings: dict[str, Any] = function.get("event_invoke_config") or versions.get("$LATEST") or {}
    return settings


def _limits(function: dict[str, Any]) -> tuple[int, float]:
    """Return how many retries an event gets and how old it may become, in seconds."""
    settings = _settings(function)
    retries = settings.get("MaximumRetryAttempts")
    return (len(_PAUSES) if retries is None else int(retries)), float(
        settings.get("MaximumEventAgeInSeconds") or _MAX_AGE
    )
