# SPDX-License-Identifier: Apache-2.0
"""Glue resource types: security configurations, and the properties of a job that ministack drops."""

from __future__ import annotations

from local_cloud.emulator import ApiError, call, provisioners, service
from local_cloud.services.cloudformation.registry import (
    Created,
    Properties,
    ResourceType,
    physical_name,
    register,
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
