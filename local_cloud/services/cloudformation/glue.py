# SPDX-License-Identifier: Apache-2.0
"""Glue resource types: security configurations, workflows, what ministack drops of a job."""

from __future__ import annotations

from typing import Any

from local_cloud.emulator import ApiError, call, provisioners, service
from local_cloud.services.cloudformation.registry import (
    Created,
    Properties,
    ResourceType,
    physical_name,
    register,
    tags_of,
)

# Property and the value it returns to when a template drops it (Glue API reference, "Job structure")
_JOB_PROPERTIES = {
    "ExecutionProperty": {"MaxConcurrentRuns": 1},
    "ExecutionClass": "STANDARD",
    "JobMode": "SCRIPT",
    "JobRunQueuingEnabled": False,
    "NotificationProperty": {},
    "MaintenanceWindow": "",
    "LogUri": "",
}


def install() -> None:
    """Register the types."""
    register(
        "AWS::Glue::SecurityConfiguration",
        ResourceType(create=_create_security_configuration, delete=_delete_security_configuration),
    )
    register(
        "AWS::Glue::Workflow",
        ResourceType(
            create=_create_workflow, delete=_delete_workflow, change=_change_workflow, replaced_by=("Name",)
        ),
    )
    provisioners()._GLUE_JOB_DEFAULTS.update(_JOB_PROPERTIES)


def _create_security_configuration(logical_id: str, properties: Properties, stack_name: str) -> Created:
    name = properties.get("Name") or physical_name(stack_name, logical_id)
    # The template says S3Encryptions where the API says S3Encryption
    encryption = dict(properties.get("EncryptionConfiguration", {}))
    if "S3Encryptions" in encryption:
        encryption["S3Encryption"] = encryption.pop("S3Encryptions")
    request = {"Name": name, "EncryptionConfiguration": encryption}
    call(service("glue")._create_security_configuration, request)
    return name, {}


def _delete_security_configuration(name: str, properties: Properties) -> None:
    try:
        call(service("glue")._delete_security_configuration, {"Name": name})
    except ApiError as error:
        if error.code != "EntityNotFoundException":
            raise


def _create_workflow(logical_id: str, properties: Properties, stack_name: str) -> Created:
    name = properties.get("Name") or physical_name(stack_name, logical_id)
    tags = tags_of(properties)
    call(service("glue")._create_workflow, {**_workflow(properties), "Name": name, "Tags": tags})
    return name, {}


def _change_workflow(name: str, properties: Properties) -> dict[str, Any]:
    call(service("glue")._update_workflow, {**_workflow(properties), "Name": name})
    return {}


def _delete_workflow(name: str, properties: Properties) -> None:
    service("glue")._delete_workflow({"Name": name})


def _workflow(properties: Properties) -> dict[str, Any]:
    return {
        "Description": properties.get("Description", ""),
        "DefaultRunProperties": properties.get("DefaultRunProperties") or {},
        "MaxConcurrentRuns": int(properties.get("MaxConcurrentRuns") or 0),
    }
