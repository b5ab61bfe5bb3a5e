# SPDX-License-Identifier: Apache-2.0
"""Rights on X-Ray, and its console."""

from __future__ import annotations

import aws_cdk as cdk
import aws_cdk.aws_iam as iam


def xray_statement(*actions: str) -> iam.PolicyStatement:
    """Some X-Ray actions, on ``*``: X-Ray has no resources for traces and segments.

    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
    """
    return iam.PolicyStatement(sid="XRay", actions=[f"xray:{action}" for action in actions], resources=["*"])


def trace_console_url(stack: cdk.Stack) -> str:
    """The page of the X-Ray console that lists the traces of the stack's region."""
    return f"https://{stack.region}.console.aws.amazon.com/cloudwatch/home?region={stack.region}#xray:traces/query"
