# SPDX-License-Identifier: Apache-2.0
"""Which state machines have tracing on: ministack accepts ``tracingConfiguration`` but does not keep it."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

from local_cloud import emulator
from local_cloud.emulator import wrap

_RESOURCE_TYPE = "AWS::StepFunctions::StateMachine"


class TracingSettings:
    """Remembers the tracing configuration of each state machine, by ARN."""

    def __init__(self) -> None:
        self._enabled: dict[str, bool] = {}
        self._lock = threading.Lock()
        self._watching_templates = False

    @classmethod
    def install(cls, service: Any, handlers: dict[str, Any]) -> TracingSettings:
        """Watch CreateStateMachine, UpdateStateMachine and CloudFormation.

        CloudFormation's resource types take more than a second to import, so that waits for its first
        request.
        """
        settings = cls()
        cloudformation = handlers["cloudformation"]

        async def handle(*request: Any) -> Any:
            if not settings._watching_templates:
                await asyncio.to_thread(settings._watch_templates)
            return await cloudformation(*request)

        handlers["cloudformation"] = handle
        wrap(service, "_create_state_machine", settings._created)
        wrap(service, "_update_state_machine", settings._updated)
        wrap(service, "_describe_state_machine", settings._described)
        return settings

    def enabled(self, state_machine_arn: str) -> bool:
        """Tell whether a state machine starts traces by itself."""
        return self._enabled.get(state_machine_arn, False)

    def set(self, state_machine_arn: str, configuration: dict[str, Any] | None) -> None:
        """Keep a configuration as the API gives it."""
        if configuration is not None:
            enabled = configuration.get("enabled", configuration.get("Enabled", False))
            self._enabled[state_machine_arn] = str(enabled).lower() == "true"  # templates may hold strings

    def _watch_templates(self) -> None:
        with self._lock:
            if self._watching_templates:
                return
            functions = emulator.provisioners()._RESOURCE_HANDLERS[_RESOURCE_TYPE]
            create, update = functions["create"], functions["update"]

            def created(logical_id: str, properties: dict[str, Any], *rest: Any, **options: Any) -> Any:
                result = create(logical_id, properties, *rest, **options)
                self.set(result[0], properties.get("TracingConfiguration", {}))
                return result

            def updated(physical_id: str, old: Any, new: dict[str, Any], *rest: Any, **options: Any) -> Any:
                result = update(physical_id, old, new, *rest, **options)
                self.set(result[0], new.get("TracingConfiguration", {}))
                return result

            functions.update(create=created, update=updated)
            self._watching_templates = True

    def _created(self, original: Any, data: dict[str, Any]) -> Any:
        response = original(data)
        if response[0] < 400:
            self.set(json.loads(response[2])["stateMachineArn"], data.get("tracingConfiguration"))
        return response

    def _updated(self, original: Any, data: dict[str, Any]) -> Any:
        response = original(data)
        if response[0] < 400:
            self.set(str(data.get("stateMachineArn")), data.get("tracingConfiguration"))
        return response

    def _described(self, original: Any, data: dict[str, Any]) -> Any:
        status, headers, body = original(data)
        if status >= 400:
            return status, headers, body
        answer = json.loads(body)
        answer["tracingConfiguration"] = {"enabled": self.enabled(answer.get("stateMachineArn", ""))}
        response = emulator.core("responses").json_response(answer)
        return status, headers, response[2]
