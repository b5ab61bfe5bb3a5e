# SPDX-License-Identifier: Apache-2.0
"""How a resource type is described, and how it enters ministack's table of handlers."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from local_cloud.emulator import provisioners, wrap

Properties = dict[str, Any]
Created = tuple[str, dict[str, Any]]  # physical id (what Ref gives), attributes (what Fn::GetAtt gives)


@dataclass(frozen=True, kw_only=True)
class ResourceType:
    """One CloudFormation resource type.

    Attributes
    ----------
    create
        Given logical id, properties and stack name: make the resource.
    delete
        Given physical id and properties: remove it. A resource that is gone already is no error.
    change
        Given physical id and new properties: update it in place and return its attributes. Without it the
        physical id and the attributes stay what they were.
    replaced_by
        Properties of which a change replaces the resource.
    waits
        Whether the functions take time, or call the cloud's own APIs: then they run in a thread of their own.
    """

    create: Callable[[str, Properties, str], Created]
    delete: Callable[[str, Properties], None]
    change: Callable[[str, Properties], dict[str, Any]] | None = None
    replaced_by: tuple[str, ...] = ()
    waits: bool = False


_waiting: set[str] = set()


def register(name: str, kind: ResourceType) -> None:
    """Make CloudFormation accept the type ``name``, for example ``AWS::EC2::EIP``."""
    provisioners()._RESOURCE_HANDLERS[name] = {
        "create": kind.create,
        "delete": kind.delete,
        "update": _updater(kind),
        "update_with_logical_id": True,
    }
    if kind.waits:
        if not _waiting:
            wrap(
                importlib.import_module("ministack.services.cloudformation.stacks"),
                "_runs_on_worker_thread",
                lambda original, resource_type: resource_type in _waiting or original(resource_type),
            )
        _waiting.add(name)


def extend(name: str, finish: Callable[[Created, Properties], Created], **others: Callable[..., Any]) -> None:
    """Let ministack create and update a type of its own, then finish what it made.

    Parameters
    ----------
    finish
        Given what ministack made and the properties: complete the resource; return its id and attributes.
    others
        Handlers that take the place of ministack's.
    """
    handlers = provisioners()._RESOURCE_HANDLERS[name]
    create, update = handlers["create"], handlers["update"]

    def create_and_finish(logical_id: str, properties: Properties, *rest: Any) -> Created:
        return finish(create(logical_id, properties, *rest), properties)

    def update_and_finish(physical_id: str, old: Properties, new: Properties, *rest: Any) -> Created:
        return finish(update(physical_id, old, new, *rest), new)

    handlers.update(create=create_and_finish, update=update_and_finish, **others)


def _updater(kind: ResourceType) -> Callable[..., Created]:
    def update(
        physical_id: str, old: Properties, new: Properties, stack_name: str, logical_id: str | None = None
    ) -> Created:
        if kind.change is None or any(old.get(name) != new.get(name) for name in kind.replaced_by):
            created = kind.create(logical_id or physical_id, new, stack_name)
            if created[0] != physical_id:
                provisioners()._delete_predecessor(kind.delete, physical_id, old)
            return created
        return physical_id, kind.change(physical_id, new)

    return update


def physical_name(stack_name: str, logical_id: str) -> str:
    """Return the name that CloudFormation makes up for a resource without one."""
    name: str = provisioners()._physical_name(stack_name, logical_id, max_len=255)
    return name


def tags_of(properties: Properties) -> dict[str, str]:
    """Return the ``Tags`` property (list or map) as a map."""
    tags: dict[str, str] = provisioners()._tag_map(properties.get("Tags"))
    return tags
