# SPDX-License-Identifier: Apache-2.0
"""Every Glue job of an app."""

from __future__ import annotations

import aws_cdk as cdk
import aws_cdk.aws_glue as glue
import jsii
from constructs import IConstruct

from glue_tracing.tracing import GlueTracing


@jsii.implements(cdk.IAspect)
class TraceGlueJobs:
    """Traces each Glue job below what it is added to; those that are traced already stay as they are.

    Example
    -------
    ``cdk.Aspects.of(app).add(TraceGlueJobs(tracing))``
    """

    def __init__(self, tracing: GlueTracing) -> None:
        self._tracing = tracing

    def visit(self, node: IConstruct) -> None:
        """Trace a job; CDK calls this for each construct."""
        if isinstance(node, glue.CfnJob):
            self._tracing.trace(node)
