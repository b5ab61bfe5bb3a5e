# SPDX-License-Identifier: Apache-2.0
"""What the jobs are told about telemetry: each kind on or off, by one context value."""

from __future__ import annotations

from stacks.settings import Settings

SWITCHES = ("traces", "metrics", "log_correlation", "metrics_run_id")


def switches(settings: Settings) -> dict[str, str]:
    """Job arguments, as ``xray_helper`` reads them.

    Examples
    --------
    >>> switches(Settings(traces="disabled"))["--traces"]
    'off'
    """
    return {f"--{name}": "on" if getattr(settings, name) == "enabled" else "off" for name in SWITCHES}
