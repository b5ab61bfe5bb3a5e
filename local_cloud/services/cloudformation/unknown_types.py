# SPDX-License-Identifier: Apache-2.0
"""A template with types that nobody here knows: refused, with the names of the resources."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from local_cloud.emulator import provisioners, wrap

_MODULES = ("changesets", "handlers")  # of ministack's, which import the check by its name


def install() -> None:
    """Put our check in front of ministack's."""
    for name in _MODULES:
        module = importlib.import_module(f"ministack.services.cloudformation.{name}")
        wrap(module, "validate_template_support", _naming)


def _naming(
    check: Callable[..., None],
    template: Mapping[str, Any],
    conditions: Mapping[str, bool],
    *rest: Any,
    **more: Any,
) -> None:
    resources = template.get("Resources")
    if isinstance(resources, dict) and not template.get("Transform"):
        unknown = sorted(_unknown(resources, conditions))
        if unknown:
            raise ValueError(
                "Template format error: Unrecognized resource types: the local cloud does not emulate "
                f"{', '.join(unknown)}; leave it out there, for example by a condition, or deploy to AWS."
            )
    check(template, conditions, *rest, **more)


def _unknown(resources: Mapping[str, Any], conditions: Mapping[str, bool]) -> list[str]:
    known = provisioners()._RESOURCE_HANDLERS
    return [
        f"{name} ({resource['Type']})"
        for name, resource in resources.items()
        if isinstance(resource, dict)
        and conditions.get(resource.get("Condition", ""), True)
        and resource.get("Type", "Custom::") not in known
        and not str(resource.get("Type", "Custom::")).startswith("Custom::")
    ]
