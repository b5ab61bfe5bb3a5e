# SPDX-License-Identifier: Apache-2.0
"""The configuration of the deployed collector, and what it says of metrics: its ``awsemf`` exporter.

The AWS distribution of the collector reads its configuration from the variable ``AOT_CONFIG_CONTENT`` of its
container (https://aws-otel.github.io/docs/setup/ecs/config-through-ssm).
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

_VARIABLE = re.compile(r"\$\{env:(?P<name>\w+)(?::-(?P<default>[^}]*))?\}")


@dataclass(frozen=True, kw_only=True)
class EmfSettings:
    """Where metrics go.

    Attributes
    ----------
    namespace
        Of the metrics in CloudWatch.
    log_group, log_stream
        Where their lines are written.
    """

    namespace: str
    log_group: str
    log_stream: str


def emf_settings(host: str) -> EmfSettings | None:
    """Return the settings of the collector that answers for a Cloud Map name; None without the exporter.

    Examples
    --------
    A task with the variable ``AOT_CONFIG_CONTENT`` in a service that is registered as ``collector`` in the
    namespace ``otel.internal`` answers for ``collector.otel.internal``.
    """
    return next(filter(None, map(_exporter, configurations(host))), None)


def configurations(host: str) -> Iterator[dict[str, Any]]:
    """Return the configuration of each collector that answers for a Cloud Map name."""
    for variables in _containers(host):
        text = variables.get("AOT_CONFIG_CONTENT")
        if text:
            yield _parsed(_expanded(text, variables))


def _expanded(text: str, variables: dict[str, str]) -> str:
    return _VARIABLE.sub(lambda match: variables.get(match["name"]) or match["default"] or "", text)


@functools.lru_cache(maxsize=8)
def _parsed(text: str) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load(text) or {}
    return config


def _exporter(config: dict[str, Any]) -> EmfSettings | None:
    pipelines = config.get("service", {}).get("pipelines", {})
    used = {
        name
        for key, value in pipelines.items()
        if key.split("/")[0] == "metrics"
        for name in value["exporters"]
    }
    for name, settings in config.get("exporters", {}).items():
        if name.split("/")[0] == "awsemf" and name in used:
            return EmfSettings(
                namespace=settings["namespace"],
                log_group=settings["log_group_name"],
                log_stream=settings.get("log_stream_name") or "otel-stream",
            )
    return None


def _containers(host: str) -> Iterator[dict[str, str]]:
    """Find the variables of every container of the ECS services that are registered under a name."""
    ecs = sys.modules.get("ministack.services.ecs")
    cloud_map = sys.modules.get("ministack.services.servicediscovery")
    if ecs is None or cloud_map is None:
        return
    spaces = {space["Id"]: space["Name"] for space in list(cloud_map._namespaces.all_values())}
    arns = {
        service["Arn"]
        for service in list(cloud_map._services.all_values())
        if f"{service['Name']}.{spaces.get(service['NamespaceId'])}".lower() == host.lower().rstrip(".")
    }
    tasks = {task["taskDefinitionArn"]: task for task in list(ecs._task_defs.all_values())}
    for service in list(ecs._services.all_values()):
        if arns & {str(registry.get("registryArn")) for registry in service.get("serviceRegistries", [])}:
            task = tasks.get(service["taskDefinition"], {})
            for container in task.get("containerDefinitions", []):
                yield {pair["name"]: pair["value"] for pair in container.get("environment", [])}
