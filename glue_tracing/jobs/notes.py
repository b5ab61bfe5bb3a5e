# SPDX-License-Identifier: Apache-2.0
"""What `cdk synth` tells about a job: what it lacks, and why it is not traced."""

from __future__ import annotations

import json
from collections.abc import Sequence

import aws_cdk as cdk
import aws_cdk.aws_glue as glue
import aws_cdk.aws_iam as iam


def untraced(job: glue.CfnJob, reason: Exception) -> None:
    """Warn of a job that stays as it is."""
    _warn(job, "untraced", f"{job.node.path} is not traced: {reason}")


def lacking_rights(job: glue.CfnJob, statements: Sequence[iam.PolicyStatement]) -> None:
    """Warn of a role that has to be given rights elsewhere; the sentence ends with them as JSON."""
    document = cdk.Stack.of(job).resolve([one.to_statement_json() for one in statements])
    _warn(
        job,
        "rights",
        f"{job.node.path} has a role that this app does not change; it needs these rights: "
        f"{json.dumps(document)}",
    )


def in_its_own_vpc(job: glue.CfnJob, target: str) -> None:
    """Inform of what a job must reach over its own connection."""
    region = cdk.Stack.of(job).region
    _inform(
        job,
        f"{job.node.path} runs in the VPC of its own connection: {target} must be reached from there, S3 "
        f"over the gateway endpoint com.amazonaws.{region}.s3, and X-Ray over the interface endpoint "
        f"com.amazonaws.{region}.xray, or both over a NAT gateway.",
    )


def in_no_vpc(job: glue.CfnJob, endpoint: str) -> None:
    """Inform of an endpoint that may be out of reach."""
    _inform(
        job,
        f"{job.node.path} runs in no VPC: it reaches {endpoint} only if that is public; else give the job a "
        "connection.",
    )


def _warn(job: glue.CfnJob, kind: str, sentence: str) -> None:
    cdk.Annotations.of(job).add_warning_v2(f"glue-tracing:{kind}", sentence)


def _inform(job: glue.CfnJob, sentence: str) -> None:
    cdk.Annotations.of(job).add_info_v2("glue-tracing:network", sentence)
