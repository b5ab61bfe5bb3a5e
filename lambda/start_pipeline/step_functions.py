# SPDX-License-Identifier: Apache-2.0
"""Call StartExecution: one execution per object version, however often it is called."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import botocore.session
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError

CONNECT_TIMEOUT = 2  # seconds
READ_TIMEOUT = 8  # seconds
ATTEMPTS = 3
CALL_BUDGET_MS = 42_000  # the attempts (30 s), the waits between them (3 s), and sending the trace (7 s)

Outcome = Literal["started", "duplicate"]

UNANSWERED = "UnansweredAttempts"  # our key in the request's context and in an error's response


@dataclass(frozen=True, kw_only=True)
class StartResult:
    """What became of a StartExecution that did not fail.

    ``outcome`` is ``duplicate`` when the execution had been there before this call.
    """

    outcome: Outcome
    request_id: str
    retries: int


@cache
def client() -> BaseClient:
    """Return the one Step Functions client of this process, made when it is first needed."""
    config = Config(
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=READ_TIMEOUT,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
    )
    sfn: BaseClient = botocore.session.get_session().create_client("stepfunctions", config=config)
    sfn.meta.events.register("before-call.sfn.StartExecution", _send_trace_header)
    sfn.meta.events.register("response-received.sfn.StartExecution", _count_unanswered)
    return sfn


def start_execution(
    *, state_machine_arn: str, name: str, document: Mapping[str, Any], trace_header: str
) -> StartResult:
    """Start an execution; that it is there already is a success.

    ``ExecutionAlreadyExists`` means a second delivery, unless an attempt of this very call got no answer:
    then that attempt may well have started it, and the call counts as started.

    Raises
    ------
    botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError
        When StartExecution failed, its retries included.
    """
    try:
        response = client().start_execution(
            stateMachineArn=state_machine_arn, name=name, input=json.dumps(document), traceHeader=trace_header
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
            raise
        return _result("started" if error.response.get(UNANSWERED) else "duplicate", error.response)
    return _result("started", response)


def _result(outcome: Outcome, response: Mapping[str, Any]) -> StartResult:
    metadata = response.get("ResponseMetadata", {})
    return StartResult(
        outcome=outcome, request_id=metadata.get("RequestId", ""), retries=metadata.get("RetryAttempts", 0)
    )


def _send_trace_header(params: dict[str, Any], **_: object) -> None:
    """Send ``traceHeader`` as the HTTP header too.

    Step Functions prefers the HTTP header to the argument, and inside Lambda botocore fills it from
    ``_X_AMZN_TRACE_ID`` (botocore.handlers.add_recursion_detection_header): the argument would never be seen.
    """
    params["headers"]["X-Amzn-Trace-Id"] = json.loads(params["body"])["traceHeader"]


def _count_unanswered(
    context: dict[str, Any], exception: Exception | None, parsed_response: dict[str, Any] | None, **_: object
) -> None:
    """Count the attempts of one call that got no answer: each may have started the execution."""
    status = (parsed_response or {}).get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if exception is not None or status >= 500:
        context[UNANSWERED] = context.get(UNANSWERED, 0) + 1
    elif parsed_response is not None and context.get(UNANSWERED):
        parsed_response[UNANSWERED] = context[UNANSWERED]
