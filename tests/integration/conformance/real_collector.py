# SPDX-License-Identifier: Apache-2.0
"""The real collector with this project's configuration."""

from __future__ import annotations

from pathlib import Path

from local_cloud.xray.collector.process import CollectorError, CollectorProcess

__all__ = ["CONFIG", "PROJECT", "CollectorError", "RealCollector"]

PROJECT = Path(__file__).resolve().parents[3]
CONFIG = PROJECT / "glue_tracing" / "collector" / "otel-agent-config.yaml"


class RealCollector(CollectorProcess):
    """Runs ``otelcol`` between ``with`` and its end.

    Parameters
    ----------
    binary
        What ``collector/build.py`` made.
    xray_endpoint
        Where the documents go.
    config
        Text of the configuration. Default: this project's.
    environment
        More variables for the process.
    """

    def __init__(
        self,
        *,
        binary: Path,
        xray_endpoint: str,
        config: str | None = None,
        environment: dict[str, str] | None = None,
    ) -> None:
        text = config or CONFIG.read_text(encoding="utf-8")
        super().__init__(binary=binary, config=text, endpoint=xray_endpoint, environment=environment)
