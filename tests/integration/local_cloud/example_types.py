# SPDX-License-Identifier: Apache-2.0
"""The resource type of the example part."""

from __future__ import annotations

from local_cloud.services.cloudformation.registry import ResourceType, register


def install() -> None:
    register(
        "Example::Echo::Thing",
        ResourceType(create=lambda name, *_: (name, {"Arn": f"arn:{name}"}), delete=lambda *_: None),
    )
