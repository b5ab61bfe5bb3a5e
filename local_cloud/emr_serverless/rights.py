# SPDX-License-Identifier: Apache-2.0
"""Which right a request needs: ministack asks botocore's model for the action, and us for the resource."""

from __future__ import annotations

from typing import Any

from local_cloud.emulator import core
from local_cloud.xray.wrapping import wrap


def install(service: str) -> None:
    """Teach ministack's table of IAM actions the service."""
    actions = core("iam_actions")
    actions.SERVICE_TO_IAM_NAMESPACE[service] = service
    actions._BOTOCORE_SERVICE_MAP[service] = [service]
    wrap(actions, "extract_resource_arn", _resource)


def _resource(original: Any, service: str, method: str, path: str, *rest: Any) -> str:
    """Name the application or run that a path names: a run is started on an application."""
    if service != "emr-serverless":
        found: str = original(service, method, path, *rest)
        return found
    region, account = rest[-2:]
    parts = path.strip("/").split("/")
    if len(parts) < 2:
        return "*"
    named = parts[:4] if parts[2:3] == ["jobruns"] and len(parts) > 3 else parts[:2]
    return f"arn:aws:emr-serverless:{region}:{account}:/{'/'.join(named)}"
