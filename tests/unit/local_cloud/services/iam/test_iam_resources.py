# SPDX-License-Identifier: Apache-2.0
"""Which resource a call needs a right on, as the service authorization reference has it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local_cloud.services.iam import resources
from local_cloud.services.iam.resources import _resource

HEAD = "arn:aws:{}:eu-west-1:000000000000:"


def _of(service: str, operation: str, request: dict[str, Any], path: str = "/") -> str:
    headers = {"x-amz-target": f"Service.{operation}"}
    call: tuple[Any, ...] = (service, "POST", path, headers, json.dumps(request).encode(), {})
    return _resource(lambda *_: "ministack's", *call, "eu-west-1", "000000000000")


@pytest.mark.parametrize(
    ("operation", "request_", "resource"),
    [
        ("PutLogEvents", {"logGroupName": "g", "logStreamName": "s"}, "log-group:g:log-stream:s"),
        ("CreateLogStream", {"logGroupName": "g", "logStreamName": "s"}, "log-group:g:*"),
        ("FilterLogEvents", {"logGroupName": "g"}, "log-group:g:*"),
    ],
)
def test_logs(operation: str, request_: dict[str, Any], resource: str) -> None:
    assert _of("logs", operation, request_) == HEAD.format("logs") + resource


def test_glue() -> None:
    assert _of("glue", "StartCrawler", {"Name": "c"}) == HEAD.format("glue") + "crawler/c"
    run = {"Name": "nightly", "RunId": "wr_1"}
    for operation in ("GetWorkflowRun", "GetWorkflowRunProperties", "StartWorkflowRun"):
        assert _of("glue", operation, run) == HEAD.format("glue") + "workflow/nightly"
    table = {"DatabaseName": "d", "TableInput": {"Name": "t"}}
    assert _of("glue", "CreateTable", table) == HEAD.format("glue") + "table/d/t"
    assert _of("glue", "StartJobRun", {"JobName": "j"}) == "ministack's"


def test_a_service_of_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(resources._namers, "echo", lambda path: f"of{path}")
    assert _of("echo", "", {}, "/things/t1") == HEAD.format("echo") + "of/things/t1"
