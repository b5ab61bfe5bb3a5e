# SPDX-License-Identifier: Apache-2.0
"""Upload a data set and follow the execution that it starts."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from demo.errors import DemoError

START_TIMEOUT_S = 90  # S3 delivers within seconds, "sometimes a minute or longer" (S3 user guide)
RUN_TIMEOUT_S = 3600
POLL_S = 0.5


class Execution(NamedTuple):
    """An execution that has ended."""

    arn: str
    status: str
    trace_id: str
    run_id: str
    cause: str | None


def upload(s3: Any, dataset: Path, bucket: str) -> str:
    """Put the file under ``input/`` and return the version id of the object."""
    with dataset.open("rb") as body:
        answer = s3.put_object(Bucket=bucket, Key=f"input/{dataset.name}", Body=body)
    return str(answer["VersionId"])


def find_execution(sfn: Any, state_machine: str, version_id: str, key: str) -> str:
    """Return the execution that this object version has started.

    Raises
    ------
    DemoError
        When none has started within ``START_TIMEOUT_S``.
    """
    deadline = time.monotonic() + START_TIMEOUT_S
    seen: set[str] = set()
    while time.monotonic() < deadline:
        for execution in sfn.list_executions(stateMachineArn=state_machine)["executions"]:
            arn = execution["executionArn"]
            if arn not in seen:
                seen.add(arn)
                given = json.loads(sfn.describe_execution(executionArn=arn)["input"])
                if given["version_id"] == version_id:
                    return str(arn)
        time.sleep(POLL_S)
    raise DemoError(
        f"{key} started no execution within {START_TIMEOUT_S} s: the Lambda's log group says why."
    )


def follow(sfn: Any, arn: str, on_state: Callable[[str], None]) -> Execution:
    """Wait for the end of an execution and report each state as it is entered."""
    described = wait(sfn, arn, on_state)
    run_id = arn.rsplit(":", 1)[1]
    return Execution(arn, described["status"], _trace_id(described), run_id, described.get("cause"))


def wait(sfn: Any, arn: str, on_state: Callable[[str], None] = lambda state: None) -> dict[str, Any]:
    """Wait for the end of an execution and return its description."""
    reported: set[int] = set()
    deadline = time.monotonic() + RUN_TIMEOUT_S
    while True:
        described: dict[str, Any] = sfn.describe_execution(executionArn=arn)
        for event in sfn.get_execution_history(executionArn=arn, maxResults=1000)["events"]:
            entered = event.get("stateEnteredEventDetails")
            if entered and event["id"] not in reported:
                reported.add(event["id"])
                on_state(entered["name"])
        if described["status"] != "RUNNING":
            return described
        if time.monotonic() > deadline:
            raise DemoError(f"{arn} still runs after {RUN_TIMEOUT_S} s: see the Step Functions console.")
        time.sleep(POLL_S)


def trace_id(sfn: Any, arn: str) -> str:
    """Return the id of the trace that an execution belongs to."""
    return _trace_id(sfn.describe_execution(executionArn=arn))


def _trace_id(described: dict[str, Any]) -> str:
    header = json.loads(described["input"])["trace_header"]
    return dict(part.split("=", 1) for part in str(header).split(";"))["Root"]
