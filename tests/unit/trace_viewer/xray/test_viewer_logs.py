# SPDX-License-Identifier: Apache-2.0
"""Log lines below the spans that wrote them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from trace_viewer.model.trace import Trace
from trace_viewer.rendering.terminal.log_lines import render_logs
from trace_viewer.xray.logs import Logs

TRACE_ID = "1-6920173c-5f8a2c1f3d4e5b6a7c8d9e0f"
START = 1_763_710_000.0
FUNCTION = "arn:aws:lambda:us-east-1:1:function:start"


def document(id_: str, name: str, parent: str | None = None, **more: Any) -> tuple[str, str]:
    fields = {"id": id_, "name": name, "trace_id": TRACE_ID, "start_time": START, "end_time": START + 9}
    return id_, json.dumps({**fields, **({"parent_id": parent} if parent else {}), **more})


TRACE = Trace(
    id=TRACE_ID,
    segments=(
        document("a" * 16, "start", origin="AWS::Lambda::Function", resource_arn=FUNCTION),
        document(
            "b" * 16,
            "load",
            "a" * 16,
            annotations={"run_id": "run-1"},
            aws={"cloudwatch_logs": [{"log_group": "/jobs/output"}]},
            subsegments=[{"id": "c" * 16, "name": "Read Data", "start_time": START, "end_time": START + 5}],
        ),
    ),
)


class Session:
    """Makes clients that answer from a table: log group -> messages."""

    def __init__(self, groups: dict[str, list[str]]) -> None:
        self._groups = groups

    def client(self, name: str) -> Session:
        return self

    def get_function_configuration(self, **request: str) -> dict[str, Any]:
        assert request == {"FunctionName": FUNCTION}
        return {"LoggingConfig": {"LogGroup": "/own/start"}}

    def get_paginator(self, name: str) -> Session:
        return self

    def paginate(self, **request: Any) -> list[Any]:
        group = request["logGroupName"]
        assert request["startTime"] < START * 1000 < request["endTime"]
        if group not in self._groups:
            error = {"Error": {"Code": "ResourceNotFoundException", "Message": "no such group"}}
            raise ClientError(error, "FilterLogEvents")
        word = request["filterPattern"].strip('"')
        return [
            {
                "events": [
                    {"eventId": f"{group}{n}", "timestamp": START * 1000 + n, "message": message}
                    for n, message in enumerate(self._groups[group])
                    if word in message
                ]
            }
        ]


def line(message: str, **fields: Any) -> str:
    known = {"level": "INFO", "message": message, "trace_id": TRACE_ID, "run_id": "run-1", "job_name": "load"}
    return json.dumps({**known, **fields})


def test_lines_stand_in_time_order_below_their_spans_each_once() -> None:
    groups = {
        "/own/start": [json.dumps({"level": "INFO", "message": "Execution started.", "run_id": "run-1"})],
        "/jobs/output": [
            line("Job started"),
            line("Step over", step="Read Data", seconds=1.5),
            "plain text of run-1",
            "of another run",
        ],
    }
    logs = Logs(Session(groups))
    text = render_logs(TRACE, logs.lines(TRACE))
    assert text.splitlines() == [
        "start",
        "  07:26:40.000 INFO    Execution started.",
        "load",
        "  07:26:40.000 INFO    Job started",
        "  07:26:40.002         plain text of run-1",
        "load > Read Data",
        "  07:26:40.001 INFO    Step over seconds=1.5",
    ]
    assert logs.problems == []


def test_a_group_that_cannot_be_read_is_told_and_the_others_are_shown() -> None:
    logs = Logs(Session({"/jobs/output": [line("Job started")]}))
    assert [found.text for found in logs.lines(TRACE)] == ["Job started"]
    (problem,) = logs.problems
    assert problem.startswith("The log group /own/start cannot be read: ")


def test_no_line_is_said_in_a_sentence() -> None:
    assert render_logs(TRACE, []) == "No log line has the id of this trace or of its run."


@pytest.mark.parametrize("text", ["[1, 2]", "{broken " + TRACE_ID, "17"])
def test_what_is_no_object_is_text(text: str) -> None:
    message = text if TRACE_ID in text else f'"{TRACE_ID}" {text}'
    (found,) = Logs(Session({"/own/start": [], "/jobs/output": [message]})).lines(TRACE)
    assert found.text == message
