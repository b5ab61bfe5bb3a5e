# SPDX-License-Identifier: Apache-2.0
"""CDK constructs that give Glue jobs an X-Ray trace: docs/add-to-your-cdk-app.md."""

from glue_tracing.aspect import TraceGlueJobs
from glue_tracing.collector import Collector, Network
from glue_tracing.tracing import GlueTracing

__all__ = ["Collector", "GlueTracing", "Network", "TraceGlueJobs"]
