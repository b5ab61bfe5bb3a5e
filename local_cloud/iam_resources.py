# SPDX-License-Identifier: Apache-2.0
"""The resource that a call is about, where ministack knows the service less well than IAM does.

Sources: the pages of Amazon CloudWatch Logs, AWS Glue and Amazon EMR Serverless in
https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from local_cloud.emulator import core
from local_cloud.xray.wrapping import wrap

_SERVERLESS = "emr-serverless"


def install() -> None:
    """Put these in front of ministack's own."""
    actions = core("iam_actions")
    actions.SERVICE_TO_IAM_NAMESPACE[_SERVERLESS] = _SERVERLESS
    actions._BOTOCORE_SERVICE_MAP[_SERVERLESS] = [_SERVERLESS]
    wrap(actions, "extract_resource_arn", _resource)


def _resource(
    original: Any, service: str, method: str, path: str, headers: Mapping[str, str], body: bytes, *rest: Any
) -> str:
    region, account = rest[-2:]
    named = None
    if service == _SERVERLESS:
        named = _serverless(path)
    elif service in ("logs", "glue"):
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        named = (_logs if service == "logs" else _glue)(operation, json.loads(body or b"{}"))
    if named is not None:
        return f"arn:aws:{service}:{region}:{account}:{named}"
    resource: str = original(service, method, path, headers, body, *rest)
    return resource


def _serverless(path: str) -> str | None:
    """Name the application or the run of a path; a run is started on an application.

    Examples
    --------
    >>> _serverless("/applications/00f1/jobruns")
    '/applications/00f1'
    """
    parts = path.strip("/").split("/")
    if len(parts) < 2:
        return None
    named = parts[:4] if parts[2:3] == ["jobruns"] and len(parts) > 3 else parts[:2]
    return f"/{'/'.join(named)}"


def _logs(operation: str, request: Mapping[str, Any]) -> str | None:
    """Name a stream where the call names one, else the group: ``log-group:<name>:*`` as policies have it."""
    group = request.get("logGroupName")
    if not group or operation == "DescribeLogGroups":
        return None
    stream = request.get("logStreamName")
    of_stream = stream and operation not in ("CreateLogStream", "DescribeLogStreams")
    return f"log-group:{group}:log-stream:{stream}" if of_stream else f"log-group:{group}:*"


def _glue(operation: str, request: Mapping[str, Any]) -> str | None:
    """Name a crawler or a table; the rest is as ministack has it."""
    if operation.endswith("Crawler") and request.get("Name"):
        return f"crawler/{request['Name']}"
    if operation.endswith("Table") and request.get("DatabaseName"):
        table = request.get("Name") or request.get("TableInput", {}).get("Name")
        return f"table/{request['DatabaseName']}/{table}"
    return None
