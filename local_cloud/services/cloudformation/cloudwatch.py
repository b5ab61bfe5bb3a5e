# SPDX-License-Identifier: Apache-2.0
"""Alarms on metric math and on anomalies: kept as described, never evaluated (ministack knows none)."""

from __future__ import annotations

from typing import Any

from local_cloud.emulator import provisioners, service
from local_cloud.services.cloudformation.registry import Created, Properties, physical_name


def install() -> None:
    """Wrap the handler of alarms; one on a single metric stays ministack's."""
    handler = provisioners()._RESOURCE_HANDLERS["AWS::CloudWatch::Alarm"]
    create, update = handler["create"], handler["update"]

    def create_alarm(logical_id: str, properties: Properties, stack_name: str) -> Created:
        if properties.get("Metrics"):
            return _keep(properties.get("AlarmName") or physical_name(stack_name, logical_id), properties)
        created: Created = create(logical_id, properties, stack_name)
        return created

    def update_alarm(physical_id: str, old: Properties, new: Properties, *rest: Any, **more: Any) -> Created:
        if new.get("Metrics"):
            return _keep(physical_id, new)
        updated: Created = update(physical_id, old, new, *rest, **more)
        return updated

    handler.update(create=create_alarm, update=update_alarm)


def _keep(name: str, properties: Properties) -> Created:
    alarms = service("cloudwatch")
    request = {key: value for key, value in properties.items() if key not in ("Metrics", "Tags")}
    alarms._put_metric_alarm({}, {**request, "AlarmName": name}, False, is_json=True)
    alarm = alarms._alarms[name]
    alarm["Metrics"] = properties["Metrics"]  # without a metric's name, ministack passes it over
    return name, {"Arn": alarm["AlarmArn"]}
