# SPDX-License-Identifier: Apache-2.0
"""Saved queries of CloudWatch Logs Insights, so that DescribeQueryDefinitions shows them."""

from __future__ import annotations

from typing import Any

from local_cloud.services.cloudformation.registry import Created, Properties, ResourceType, register
from local_cloud.services.logs.insights import definitions


def install() -> None:
    """Register the type."""
    register("AWS::Logs::QueryDefinition", ResourceType(create=_create, delete=_delete, change=_change))


def _request(properties: Properties) -> dict[str, Any]:
    request = {name[0].lower() + name[1:]: value for name, value in properties.items()}
    parameters = [
        {key.lower(): value for key, value in parameter.items()}
        for parameter in properties.get("Parameters", [])
    ]
    return {**request, "parameters": parameters}


def _create(logical_id: str, properties: Properties, stack_name: str) -> Created:
    key = definitions.put(_request(properties))["queryDefinitionId"]
    return key, {"QueryDefinitionId": key}


def _change(physical_id: str, properties: Properties) -> dict[str, Any]:
    definitions.put({**_request(properties), "queryDefinitionId": physical_id})
    return {"QueryDefinitionId": physical_id}


def _delete(physical_id: str, properties: Properties) -> None:
    definitions.definitions.pop(physical_id, None)
