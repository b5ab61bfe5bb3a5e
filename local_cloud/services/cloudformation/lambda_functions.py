# SPDX-License-Identifier: Apache-2.0
"""What ministack drops of a Lambda function: the key of its variables."""

from __future__ import annotations

from typing import Any

from local_cloud.emulator import provisioners, service
from local_cloud.services.cloudformation.registry import Created, Properties


def install() -> None:
    """Extend ``AWS::Lambda::Function``."""
    handlers = provisioners()._RESOURCE_HANDLERS["AWS::Lambda::Function"]
    create, update = handlers["create"], handlers["update"]

    def create_function(logical_id: str, properties: Properties, stack_name: str) -> Created:
        created: Created = create(logical_id, properties, stack_name)
        return _with_key(created, properties)

    def update_function(
        physical_id: str, old: Properties, new: Properties, stack_name: str, *logical_id: Any
    ) -> Created:
        updated: Created = update(physical_id, old, new, stack_name, *logical_id)
        return _with_key(updated, new)

    handlers.update(create=create_function, update=update_function)


def _with_key(created: Created, properties: Properties) -> Created:
    """Store the key under the API's name for it; a template that drops it means Lambda's own."""
    config = service("lambda_svc")._functions[created[0]]["config"]
    config["KMSKeyArn"] = properties.get("KmsKeyArn", "")
    return created
