# SPDX-License-Identifier: Apache-2.0
"""Stand-in for the OpenTelemetry collector: OTLP over HTTP in, X-Ray documents out."""

from __future__ import annotations

from local_cloud.xray.collector.server import Collector

__all__ = ["Collector"]
