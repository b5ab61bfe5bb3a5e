# SPDX-License-Identifier: Apache-2.0
"""The resource that a call is about, where ministack knows the service less well than IAM does.

Sources: the pages of Amazon CloudWatch Logs and AWS Glue in
https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from local_cloud.emulator import core, wrap

#: Given the path of a request: the part of the resource's ARN after the account; None where it is not known.
Namer = Callable[[str], str | None]

_namers: dict[str, Namer] = {}


def install() -> None:
    """Put these in front of ministack's own."""
    wrap(core("iam_actions"), "extract_resource_arn", _resource)


def add(service: str, namer: Namer) -> None:
    """Let IAM know a service that ministack lacks, whose name is the same in IAM, ARNs and botocore."""
    actions = core("iam_actions")
    actions.SERVICE_TO_IAM_NAMESPACE[service] = service
    actions._BOTOCORE_SERVICE_MAP[service] = [service]
    _namers[service] = namer


def _resource(
    original: Any, service: str, method: str, path: str, headers: Mapping[str, str], body: bytes, *rest: Any
) -> str:
    region, account = rest[-2:]
    named = None
    if service in _namers:
        named = _namers[service](path)
    elif service in ("logs", "glue"):
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        named = (_logs if service == "logs" else _glue)(operation, json.loads(body or b"{}"))
    if named is not None:
        return f"arn:aws:{service}:{region}:{account}:{named}"
    resource: str = original(service, method, path, headers, body, *rest)
    return resource


def _logs(operation: str, request: Mapping[str, Any]) -> str | None:
    """Name a stream where the call names one, else the group: ``log-group:<name>:*`` as policies have it."""
    group = request.get("logGroupName")
    if not group or operation == "DescribeLogGroups":
        return None
    stream = request.get("logStreamName")
    of_stream = stream and operation not in ("CreateLogStream", "DescribeLogStreams")
    return f"log-group:{group}:log-stream:{stream}" if of_stream else f"log-group:{group}:*"


def _glue(operation: str, request: Mapping[str, Any]) -> str | None:
    """Name a workflow, of a run of it too, a crawler or a table; the rest is as ministack has it."""
    if "Workflow" in operation and request.get("Name"):
        return f"workflow/{request['Name']}"
    if operation.endswith("Crawler") and request.get("Name"):
        return f"crawler/{request['Name']}"
    if operation.endswith("Table") and request.get("DatabaseName"):
        table = request.get("Name") or request.get("TableInput", {}).get("Name")
        return f"table/{request['DatabaseName']}/{table}"
    return None
