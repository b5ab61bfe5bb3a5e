# SPDX-License-Identifier: Apache-2.0
"""The ``aws`` block, ``origin`` and ``service`` of a segment (the exporter's aws.go, service.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opentelemetry.semconv._incubating.attributes import aws_attributes as aws
from opentelemetry.semconv._incubating.attributes import cloud_attributes as cloud
from opentelemetry.semconv._incubating.attributes import container_attributes as container
from opentelemetry.semconv._incubating.attributes.rpc_attributes import RPC_METHOD
from opentelemetry.semconv._incubating.attributes.telemetry_attributes import TELEMETRY_DISTRO_VERSION
from opentelemetry.semconv.attributes.service_attributes import SERVICE_VERSION
from opentelemetry.semconv.attributes.telemetry_attributes import (
    TELEMETRY_SDK_LANGUAGE,
    TELEMETRY_SDK_NAME,
    TELEMETRY_SDK_VERSION,
)

from xray_helper.translate.values import Attributes, text, without_empty

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource

# What OpenTelemetry's conventions had once.
TELEMETRY_AUTO_VERSION: Final = "telemetry.auto.version"
CONTAINER_IMAGE_TAG: Final = "container.image.tag"
MESSAGING_URL: Final = "messaging.url"
_OPERATION: Final = "aws.operation"
# attribute -> field of the aws block; a later spelling of the same field wins
_CALL_FIELDS: Final = {
    "aws.account_id": "account_id",
    "aws.region": "region",
    aws.AWS_REQUEST_ID: "request_id",
    "aws.requestId": "request_id",
    "aws.queue_url": "queue_url",
    "aws.queue.url": "queue_url",
    "aws.table_name": "table_name",
    "aws.table.name": "table_name",
}
_ECS_FIELDS: Final = {
    "container": container.CONTAINER_NAME,
    "container_id": container.CONTAINER_ID,
    "task_arn": aws.AWS_ECS_TASK_ARN,
    "task_family": aws.AWS_ECS_TASK_FAMILY,
    "cluster_arn": aws.AWS_ECS_CLUSTER_ARN,
    "container_arn": aws.AWS_ECS_CONTAINER_ARN,
    "availability_zone": cloud.CLOUD_AVAILABILITY_ZONE,
    "launch_type": aws.AWS_ECS_LAUNCHTYPE,
}
_ECS_ORIGINS: Final = {"ec2": "AWS::ECS::EC2", "fargate": "AWS::ECS::Fargate"}
_ECS: Final = cloud.CloudPlatformValues.AWS_ECS.value


def is_foreign_cloud(resource: Resource) -> bool:
    """Return whether the resource names a provider other than AWS; then X-Ray gets no ``aws`` block."""
    return text(resource.attributes.get(cloud.CLOUD_PROVIDER)) not in (
        "",
        cloud.CloudProviderValues.AWS.value,
    )


def origin(resource: Resource) -> str:
    """Name the AWS resource type that sent the segment: of ECS. X-Ray knows no origin for Glue and EMR."""
    if is_foreign_cloud(resource) or not _is_ecs(resource):
        return ""
    launch_type = text(resource.attributes.get(aws.AWS_ECS_LAUNCHTYPE))
    return _ECS_ORIGINS.get(launch_type, "AWS::ECS::Container")


def service(resource: Resource) -> dict[str, str] | None:
    """Read the version of the application."""
    attributes = resource.attributes
    tags = attributes.get(container.CONTAINER_IMAGE_TAGS)
    tag = tags[0] if isinstance(tags, (tuple, list)) and tags else attributes.get(CONTAINER_IMAGE_TAG)
    version = text(attributes.get(SERVICE_VERSION, tag))
    return {"version": version} if version else None


def aws_block(attributes: Attributes, resource: Resource) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Split off what belongs in the ``aws`` block.

    Returns
    -------
    tuple
        The attributes that are left, and the block (None when the resource is of another cloud).
    """
    used = {*_CALL_FIELDS, _OPERATION, RPC_METHOD}
    left = {key: value for key, value in attributes.items() if key not in used}
    if is_foreign_cloud(resource):
        return left, None
    known = resource.attributes
    block: dict[str, Any] = {"account_id": text(known.get(cloud.CLOUD_ACCOUNT_ID))}
    block |= {field: text(attributes[key]) for key, field in _CALL_FIELDS.items() if attributes.get(key)}
    block["operation"] = text(attributes.get(_OPERATION, attributes.get(RPC_METHOD)))
    block |= _tables(attributes)
    if MESSAGING_URL in attributes:  # stays in the metadata too
        block["queue_url"] = text(attributes[MESSAGING_URL])
    if _is_ecs(resource):
        block["ecs"] = without_empty({field: text(known.get(key)) for field, key in _ECS_FIELDS.items()})
    block["cloudwatch_logs"] = _log_groups(known)
    block["xray"] = _sdk(known)
    return left, without_empty(block)


def _is_ecs(resource: Resource) -> bool:
    return resource.attributes.get(cloud.CLOUD_PLATFORM) == _ECS


def _tables(attributes: Attributes) -> dict[str, Any]:
    tables = attributes.get(aws.AWS_DYNAMODB_TABLE_NAMES)
    if isinstance(tables, str):
        return {"table_name": tables}
    if not isinstance(tables, (list, tuple)) or not tables:
        return {}
    names = [text(table) for table in tables]
    return {"table_name": names[0]} if len(names) == 1 else {"table_name": "", "table_names": names}


def _log_groups(attributes: Attributes) -> list[dict[str, str]]:
    """Name the log groups, for the "view logs" link of a trace; ARNs are preferred."""
    arns = _names(attributes.get(aws.AWS_LOG_GROUP_ARNS))
    if arns:
        return [{"log_group": _group_of(arn), "arn": arn} for arn in arns]
    return [{"log_group": name} for name in _names(attributes.get(aws.AWS_LOG_GROUP_NAMES))]


def _names(value: object) -> list[str]:
    """Read a list; as text (OTEL_RESOURCE_ATTRIBUTES) its items are separated by ``&``."""
    if isinstance(value, str):
        return [item for item in value.split("&") if item]
    return [text(item) for item in value] if isinstance(value, (list, tuple)) else []


def _group_of(arn: str) -> str:
    parts = arn.split(":")  # arn:aws:logs:region:account:log-group:NAME:*
    return parts[6] if len(parts) > 6 else arn


def _sdk(attributes: Attributes) -> dict[str, Any]:
    names = (text(attributes.get(TELEMETRY_SDK_NAME)), text(attributes.get(TELEMETRY_SDK_LANGUAGE)))
    return without_empty(
        {
            "sdk": " for ".join(names) if all(names) else names[0],
            "sdk_version": text(attributes.get(TELEMETRY_SDK_VERSION)),
            "auto_instrumentation": any(
                text(attributes.get(key)) for key in (TELEMETRY_AUTO_VERSION, TELEMETRY_DISTRO_VERSION)
            ),
        }
    )
