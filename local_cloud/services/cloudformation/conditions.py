# SPDX-License-Identifier: Apache-2.0
"""Conditions before CloudFormation creates or deletes what its handlers handle without the service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local_cloud.emulator import provisioners
from local_cloud.services.cloudformation.registry import Created, Properties

_before_create: dict[str, Callable[[Properties], None]] = {}
_before_delete: dict[str, Callable[[str], None]] = {}


def before_create(resource_type: str, condition: Callable[[Properties], None]) -> None:
    """Have a condition looked at, given the properties; it raises what CloudFormation then shows."""
    _before_create[resource_type] = condition


def before_delete(resource_type: str, condition: Callable[[str], None]) -> None:
    """Have a condition looked at, given the physical id; it raises what CloudFormation then shows."""
    _before_delete[resource_type] = condition


def install() -> None:
    """Put the conditions in front of the handlers."""
    handlers = provisioners()._RESOURCE_HANDLERS
    for name, condition in _before_create.items():
        handlers[name]["create"] = _creating(handlers[name]["create"], condition)
    for name, condition_of_delete in _before_delete.items():
        handlers[name]["delete"] = _deleting(handlers[name]["delete"], condition_of_delete)


def _creating(create: Any, condition: Callable[[Properties], None]) -> Any:
    def checked(logical_id: str, properties: Properties, stack_name: str) -> Created:
        condition(properties)
        created: Created = create(logical_id, properties, stack_name)
        return created

    return checked


def _deleting(delete: Any, condition: Callable[[str], None]) -> Any:
    def checked(physical_id: str, properties: Properties) -> None:
        condition(physical_id)
        delete(physical_id, properties)

    return checked
