# SPDX-License-Identifier: Apache-2.0
"""Rights on X-Ray, and its console."""

from __future__ import annotations

import aws_cdk as cdk
import aws_cdk.aws_iam as iam

from glue_xray.bundle import WORKFLOW_ACTION, workflow_arn, xray_actions


def xray_statement(*actions: str) -> iam.PolicyStatement:
    """Allow some X-Ray actions, on ``*``: X-Ray has no resources for traces and segments.

    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
    """
    return iam.PolicyStatement(sid="XRay", actions=[f"xray:{action}" for action in actions], resources=["*"])


def job_statement(endpoint: str | None) -> iam.PolicyStatement:
    """Return what a traced job does on X-Ray that sends its spans to this endpoint; None: to X-Ray."""
    return xray_statement(*(action.partition(":")[2] for action in xray_actions(endpoint)))


def workflow_statement(stack: cdk.Stack, workflow: str) -> iam.PolicyStatement:
    """Let a job ask when a run of this Glue workflow began; ``*``: of any workflow of the stack's account."""
    arn = workflow_arn(
        partition=stack.partition, region=stack.region, account=stack.account, workflow=workflow
    )
    return iam.PolicyStatement(sid="WorkflowRun", actions=[WORKFLOW_ACTION], resources=[arn])


def trace_console_url(stack: cdk.Stack) -> str:
    """Return the page of the X-Ray console that lists the traces of the stack's region."""
    return f"https://{stack.region}.console.aws.amazon.com/cloudwatch/home?region={stack.region}#xray:traces/query"


def run_console_url(stack: cdk.Stack, run_id: str) -> str:
    """Return the same page with the traces of one run, ``annotation.run_id = "..."`` in its words."""
    expression = f"annotation.run_id*20*3d*20*22{run_id}*22"
    return f"{trace_console_url(stack)}?~(query~(expression~'{expression}))"
