# SPDX-License-Identifier: Apache-2.0
"""What ministack drops of an ECS service: under which Cloud Map name it is registered."""

from __future__ import annotations

from typing import Any

from local_cloud.emulator import provisioners, service
from local_cloud.services.cloudformation.registry import Created, Properties


def install() -> None:
    """Wrap the handler."""
    handler = provisioners()._RESOURCE_HANDLERS["AWS::ECS::Service"]
    create = handler["create"]

    def with_registries(logical_id: str, properties: Properties, stack_name: str) -> Created:
        created: Created = create(logical_id, properties, stack_name)
        given = properties.get("ServiceRegistries") or []
        for known in _services(created[0]):
            known["serviceRegistries"] = [{"registryArn": registry["RegistryArn"]} for registry in given]
        return created

    handler["create"] = with_registries


def _services(arn: str) -> list[dict[str, Any]]:
    name = arn.rpartition("/")[2]
    return [known for known in service("ecs")._services.values() if known["serviceName"] == name]
