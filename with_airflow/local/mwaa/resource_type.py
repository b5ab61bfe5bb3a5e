# SPDX-License-Identifier: Apache-2.0
"""MWAA environments of a template, through the service's own operations."""

from __future__ import annotations

import json
import time
from typing import Any

from local_cloud.emulator import service
from local_cloud.services.cloudformation.registry import Created, Properties, ResourceType, register, tags_of

_CHECK_INTERVAL_S = 0.2
_LOGS = ("DagProcessingLogs", "SchedulerLogs", "TaskLogs", "WebserverLogs", "WorkerLogs")


class MwaaError(ValueError):
    """MWAA refused an operation, or an environment did not start; CloudFormation shows the message."""


def install() -> None:
    """Register the type."""
    register(
        "AWS::MWAA::Environment",
        ResourceType(create=_create, delete=_delete, change=_change, replaced_by=("Name",), waits=True),
    )


def _create(logical_id: str, properties: Properties, stack_name: str) -> Created:
    mwaa, name = service("mwaa"), properties["Name"]
    body = json.dumps({**properties, "Tags": tags_of(properties)}).encode()
    status, _, answer = mwaa._create_environment("PUT", f"/environments/{name}", {}, body, {})
    if status >= 400:
        raise MwaaError(json.loads(answer)["message"])
    record = mwaa._environments.get(name)
    while record["Status"] == "CREATING":
        time.sleep(_CHECK_INTERVAL_S)
    if record["Status"] != "AVAILABLE":
        raise MwaaError(record["LastUpdate"]["Error"]["ErrorMessage"])
    return name, {"Arn": record["Arn"], "WebserverUrl": record["WebserverUrl"], **_log_groups(name)}


def _change(name: str, properties: Properties) -> dict[str, Any]:
    """Make a new Airflow, where AWS updates one in place: its runs are gone."""
    _delete(name, properties)
    return _create("", properties, "")[1]


def _log_groups(name: str) -> dict[str, Any]:
    arn = service("mwaa")._environments.get(name)["Arn"]
    _, _, _, region, account, _ = arn.split(":", 5)
    kinds = {"DagProcessingLogs": "DAGProcessing", "WebserverLogs": "WebServer"}
    return {
        f"LoggingConfiguration.{log}.CloudWatchLogGroupArn": f"arn:aws:logs:{region}:{account}:log-group:"
        f"airflow-{name}-{kinds.get(log, log.removesuffix('Logs'))}:*"
        for log in _LOGS
    }


def _delete(name: str, properties: Properties) -> None:
    mwaa = service("mwaa")
    if name in mwaa._environments:
        mwaa._delete_environment("DELETE", f"/environments/{name}", {}, b"", {})
