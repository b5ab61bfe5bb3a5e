# SPDX-License-Identifier: Apache-2.0
"""What is told about telemetry: each kind on or off, by one context value."""

from __future__ import annotations

from typing import TypedDict

from stacks.settings import Settings


class Switches(TypedDict):
    """Each kind of telemetry, as ``xray_helper`` calls it."""

    traces: bool
    metrics: bool
    log_correlation: bool
    metrics_run_id: bool


def switches(settings: Settings) -> Switches:
    """Return what a deployment chose.

    Examples
    --------
    >>> switches(Settings(traces="disabled"))["traces"]
    False
    """
    return {
        "traces": settings.traces == "enabled",
        "metrics": settings.metrics == "enabled",
        "log_correlation": settings.log_correlation == "enabled",
        "metrics_run_id": settings.metrics_run_id == "enabled",
    }
