# SPDX-License-Identifier: Apache-2.0
"""Properties of a state machine that ministack stores in the template's spelling, or not at all."""

from __future__ import annotations

from typing import Any

from local_cloud.emulator import call, service
from local_cloud.services.cloudformation.registry import Created, Properties, extend


def install() -> None:
    """Extend ``AWS::StepFunctions::StateMachine``."""
    extend("AWS::StepFunctions::StateMachine", _configured)


def _configured(machine: Created, properties: Properties) -> Created:
    """Call the service's own operation with its own spelling, so that whoever watches that sees it."""
    logging = {"level": "OFF", "includeExecutionData": False}
    settings = {
        "loggingConfiguration": {**logging, **_api_case(properties.get("LoggingConfiguration") or {})},
        "tracingConfiguration": {"enabled": False, **_api_case(properties.get("TracingConfiguration") or {})},
    }
    call(service("stepfunctions")._update_state_machine, {"stateMachineArn": machine[0], **settings})
    return machine


def _api_case(value: Any) -> Any:
    """Return a property with the API's names: ``LogGroupArn`` is ``logGroupArn`` there."""
    if isinstance(value, dict):
        return {key[0].lower() + key[1:]: _api_case(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_api_case(member) for member in value]
    return value
