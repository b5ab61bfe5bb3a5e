# SPDX-License-Identifier: Apache-2.0
"""Properties of a state machine that ministack stores in the template's spelling, or not at all."""

from __future__ import annotations

from typing import Any

from local_cloud.emulator import call, provisioners, service
from local_cloud.services.cloudformation.registry import Created, Properties


def install() -> None:
    """Extend ``AWS::StepFunctions::StateMachine``."""
    handlers = provisioners()._RESOURCE_HANDLERS["AWS::StepFunctions::StateMachine"]
    create, update = handlers["create"], handlers["update"]

    def create_machine(logical_id: str, properties: Properties, stack_name: str) -> Created:
        arn, attributes = create(logical_id, properties, stack_name)
        _apply(arn, properties)
        return arn, attributes

    def update_machine(
        physical_id: str, old: Properties, new: Properties, stack_name: str, logical_id: str | None = None
    ) -> Created:
        arn, attributes = update(physical_id, old, new, stack_name, logical_id)
        _apply(arn, new)
        return arn, attributes

    handlers.update(create=create_machine, update=update_machine)


def _apply(arn: str, properties: Properties) -> None:
    """Tell the service in its own words, through its own operation, so that whoever watches that sees it."""
    logging = {"level": "OFF", "includeExecutionData": False}
    settings = {
        "loggingConfiguration": {**logging, **_api_case(properties.get("LoggingConfiguration") or {})},
        "tracingConfiguration": {"enabled": False, **_api_case(properties.get("TracingConfiguration") or {})},
    }
    call(service("stepfunctions")._update_state_machine, {"stateMachineArn": arn, **settings})


def _api_case(value: Any) -> Any:
    """Return a property with the API's names: ``LogGroupArn`` is ``logGroupArn`` there."""
    if isinstance(value, dict):
        return {key[0].lower() + key[1:]: _api_case(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_api_case(member) for member in value]
    return value
