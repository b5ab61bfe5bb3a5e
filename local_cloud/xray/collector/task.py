# SPDX-License-Identifier: Apache-2.0
"""The ECS task that would run the collector: a service whose container has ``AOT_CONFIG_CONTENT``.

The AWS distribution of the collector reads its configuration from that variable
(https://aws-otel.github.io/docs/setup/ecs/config-through-ssm).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

CONFIG_VARIABLE = "AOT_CONFIG_CONTENT"


def variables_of_collector(host: str | None = None) -> dict[str, str] | None:
    """Return the variables of the container in which a service runs the collector; None without one.

    Parameters
    ----------
    host
        Cloud Map name that the service has to be registered under. Default: any service.

    Examples
    --------
    A service that is registered as ``collector`` in the namespace ``otel.internal`` answers for
    ``collector.otel.internal``.
    """
    ecs = sys.modules.get("ministack.services.ecs")  # not imported: then nothing is deployed
    if ecs is None:
        return None
    arns = None if host is None else _registered(host)
    tasks = {task["taskDefinitionArn"]: task for task in list(ecs._task_defs.all_values())}
    for service in list(ecs._services.all_values()):
        if _runs(service) and (arns is None or arns & _registries(service)):
            for variables in _containers(tasks.get(service["taskDefinition"], {})):
                if CONFIG_VARIABLE in variables:
                    return variables
    return None


def _registered(host: str) -> set[str]:
    """Find the Cloud Map services that answer for a name."""
    cloud_map = sys.modules.get("ministack.services.servicediscovery")
    if cloud_map is None:
        return set()
    spaces = {space["Id"]: space["Name"] for space in list(cloud_map._namespaces.all_values())}
    return {
        service["Arn"]
        for service in list(cloud_map._services.all_values())
        if f"{service['Name']}.{spaces.get(service['NamespaceId'])}".lower() == host.lower().rstrip(".")
    }


def _runs(service: dict[str, Any]) -> bool:
    return service["status"] == "ACTIVE" and bool(service["desiredCount"])


def _registries(service: dict[str, Any]) -> set[str]:
    return {str(registry.get("registryArn")) for registry in service.get("serviceRegistries", [])}


def _containers(task: dict[str, Any]) -> Iterator[dict[str, str]]:
    for container in task.get("containerDefinitions", []):
        yield {pair["name"]: pair["value"] for pair in container.get("environment", [])}
