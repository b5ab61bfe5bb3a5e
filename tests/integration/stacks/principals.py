# SPDX-License-Identifier: Apache-2.0
"""Which services a template lets in, wherever it says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.integration.stacks.grants import as_list, readable


def let_in(template: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(logical id, service, statement) of each statement that allows something to a service."""
    for id_, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Lambda::Permission":
            bound = {key: properties[key] for key in ("SourceAccount", "SourceArn") if key in properties}
            yield id_, properties["Principal"], {"Action": properties["Action"], "Condition": bound}
        for statement in _statements(properties):
            for service in as_list(statement["Principal"]["Service"]):
                yield id_, readable(service), statement


def unconditioned(template: dict[str, Any]) -> list[str]:
    """Services that are let in whomever they work for."""
    return [
        f"{service} in {id_}"
        for id_, service, statement in let_in(template)
        if not statement.get("Condition")
    ]


def _statements(value: Any) -> Iterator[dict[str, Any]]:
    """Each Allow statement for a service, however deep."""
    if isinstance(value, list):
        for item in value:
            yield from _statements(item)
    elif isinstance(value, dict):
        principal = value.get("Principal")
        if isinstance(principal, dict) and "Service" in principal and value.get("Effect") == "Allow":
            yield value
        for item in value.values():
            yield from _statements(item)
