# SPDX-License-Identifier: Apache-2.0
"""EMR Serverless applications, through the service's own API, so that its Get and List calls show them."""

from __future__ import annotations

import os
from typing import Any

from botocore.exceptions import ClientError

from local_cloud.services.cloudformation.registry import Created, Properties, ResourceType, register, tags_of

# What is under these is the user's own, not a name of the API
_FREE = ("Properties", "properties")


def install() -> None:
    """Register the type."""
    register(
        "AWS::EMRServerless::Application",
        ResourceType(
            create=_create, delete=_delete, change=_change, replaced_by=("Type", "Name"), waits=True
        ),
    )


def _client() -> Any:
    import boto3

    return boto3.client("emr-serverless", endpoint_url=os.environ["AWS_ENDPOINT_URL"])


def _create(logical_id: str, properties: Properties, stack_name: str) -> Created:
    created = _client().create_application(**_request(properties), tags=tags_of(properties))
    return created["applicationId"], {"ApplicationId": created["applicationId"], "Arn": created["arn"]}


def _change(application_id: str, properties: Properties) -> dict[str, Any]:
    request = {name: value for name, value in _request(properties).items() if name not in ("type", "name")}
    changed = _client().update_application(applicationId=application_id, **request)["application"]
    return {"ApplicationId": application_id, "Arn": changed["arn"]}


def _delete(application_id: str, properties: Properties) -> None:
    """Delete as CloudFormation does: with an application that is started, the stack's delete fails."""
    try:
        _client().delete_application(applicationId=application_id)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise


def _request(properties: Properties) -> dict[str, Any]:
    request: dict[str, Any] = _api_case({key: value for key, value in properties.items() if key != "Tags"})
    logs = request.get("monitoringConfiguration", {}).get("cloudWatchLoggingConfiguration", {})
    if "logTypeMap" in logs:
        logs["logTypes"] = {entry["key"]: entry["value"] for entry in logs.pop("logTypeMap")}
    return request


def _api_case(value: Any) -> Any:
    """Return a property with the API's names and types: ``"Enabled": "true"`` becomes ``"enabled": True``."""
    if isinstance(value, dict):
        return {
            key[0].lower() + key[1:]: member if key in _FREE else _api_case(member)
            for key, member in value.items()
        }
    if isinstance(value, list):
        return [_api_case(member) for member in value]
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
