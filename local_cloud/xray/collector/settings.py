# SPDX-License-Identifier: Apache-2.0
"""The configuration of the deployed collector, and its settings for metrics (the ``awsemf`` exporter)."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Any

import yaml

from local_cloud.xray.collector.task import CONFIG_VARIABLE, variables_of_collector

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
    """Return the settings of the collector that answers for a Cloud Map name; None without the exporter."""
    config = configuration(host)
    return _exporter(config) if config else None


def configuration(host: str) -> dict[str, Any] | None:
    """Return the configuration of the collector that answers for a Cloud Map name; None without one."""
    variables = variables_of_collector(host)
    return _parsed(_expanded(variables[CONFIG_VARIABLE], variables)) if variables else None


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
