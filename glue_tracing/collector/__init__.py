# SPDX-License-Identifier: Apache-2.0
"""The OpenTelemetry collector and its network."""

from glue_tracing.collector.collector import Collector
from glue_tracing.collector.network import Network

__all__ = ["Collector", "Network"]
