# SPDX-License-Identifier: Apache-2.0
"""Rights on X-Ray, and its console."""

from __future__ import annotations

from typing import Final

import aws_cdk as cdk
import aws_cdk.aws_iam as iam

# Parent lookup, also where Transaction Search is on; segments by hand, always or when the collector is away.
XRAY_ACTIONS: Final = ("BatchGetTraces", "ListRetrievedTraces", "PutTraceSegments", "StartTraceRetrieval")
# X-Ray's OTLP endpoint, where it is asked for.
XRAY_OTLP_ACTIONS: Final = ("PutSpans", "PutSpansForIndexing")


def xray_statement(*actions: str) -> iam.PolicyStatement:
    """Allow some X-Ray actions, on ``*``: X-Ray has no resources for traces and segments.

    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
    """
    return iam.PolicyStatement(sid="XRay", actions=[f"xray:{action}" for action in actions], resources=["*"])


def job_statement(*, otlp: bool) -> iam.PolicyStatement:
    """Return what a traced job does on X-Ray.

    Parameters
    ----------
    otlp
        Whether it sends OpenTelemetry spans to X-Ray's own endpoint, too.
    """
    return xray_statement(*XRAY_ACTIONS, *(XRAY_OTLP_ACTIONS if otlp else ()))


def trace_console_url(stack: cdk.Stack) -> str:
    """Return the page of the X-Ray console that lists the traces of the stack's region."""
    return f"https://{stack.region}.console.aws.amazon.com/cloudwatch/home?region={stack.region}#xray:traces/query"


def run_console_url(stack: cdk.Stack, run_id: str) -> str:
    """Return the same page with the traces of one run, ``annotation.run_id = "..."`` in its words."""
    expression = f"annotation.run_id*20*3d*20*22{run_id}*22"
    return f"{trace_console_url(stack)}?~(query~(expression~'{expression}))"
