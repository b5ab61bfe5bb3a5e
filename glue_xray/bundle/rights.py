# SPDX-License-Identifier: Apache-2.0
"""What a traced job does in AWS: the actions that its role must allow, whoever writes the policy."""

from __future__ import annotations

from typing import Final

XRAY_OTLP: Final = "xray"  # as an endpoint: X-Ray's own for OTLP, in the words of ``xray_helper``
# Find the parent, also where Transaction Search is on; write segments, always or when the collector is away
_XRAY: Final = ("BatchGetTraces", "ListRetrievedTraces", "PutTraceSegments", "StartTraceRetrieval")
_XRAY_OTLP: Final = ("PutSpans", "PutSpansForIndexing")
#: For the start of the workflow's run that a job belongs to.
WORKFLOW_ACTION: Final = "glue:GetWorkflowRun"


def xray_actions(endpoint: str | None) -> tuple[str, ...]:
    """Return what a job does on X-Ray that sends its spans to this endpoint; None: to X-Ray itself.

    These actions know no resources: a policy allows them on ``*``.
    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html

    Examples
    --------
    >>> xray_actions("http://collector:4318")[0]
    'xray:BatchGetTraces'
    """
    names = (*_XRAY, *(_XRAY_OTLP if endpoint == XRAY_OTLP else ()))
    return tuple(f"xray:{name}" for name in sorted(names))


def workflow_arn(*, partition: str, region: str, account: str, workflow: str = "*") -> str:
    """Return what ``WORKFLOW_ACTION`` is allowed on; by default every workflow of an account and region.

    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsglue.html

    Examples
    --------
    >>> workflow_arn(partition="aws", region="eu-west-1", account="123456789012")
    'arn:aws:glue:eu-west-1:123456789012:workflow/*'
    """
    return f"arn:{partition}:glue:{region}:{account}:workflow/{workflow}"
