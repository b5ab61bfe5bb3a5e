# SPDX-License-Identifier: Apache-2.0
"""Whether a job's role can read the runner: one that cannot would fail the job."""

from __future__ import annotations

import sys
from typing import Any, Final

from glue_xray.attach import rights
from glue_xray.attach.change import script_location
from glue_xray.attach.errors import AttachError
from glue_xray.attach.plan import Plan

_READ: Final = ("s3:GetObject",)


def check_rights(iam: Any, plan: Plan, *, partition: str) -> None:
    """Ask IAM for what the role lacks; what costs the trace alone is only said.

    IAM knows the role's own policies, not the bucket's: where it denies the present script too, which the job
    evidently reads, its answer proves nothing.

    Raises
    ------
    AttachError
        The role cannot read the runner or the library.
    """
    arns = [f"arn:{partition}:s3:::{uri[len('s3://') :]}" for uri in (plan.runner, plan.mark.library)]
    present = f"arn:{partition}:s3:::{script_location(plan.job.definition)[len('s3://') :]}"
    [trace] = [one["Action"] for one in plan.policy["Statement"] if one["Sid"] == rights.TRACE]
    try:
        unread = [arn for arn in arns if rights.lacking(iam, plan.role, _READ, arn)]
        is_blind = bool(rights.lacking(iam, plan.role, _READ, present))
        untraced = rights.lacking(iam, plan.role, trace, "*")
    except AttachError as error:
        print(f"glue-xray attach: {plan.job.name}: {error}", file=sys.stderr)
        return
    if unread and not is_blind:
        raise AttachError(
            f"its role may not read {unread[0]}, and the job would fail: add the policy above, or use --grant"
        )
    if untraced:
        lacks = f"its role lacks {', '.join(untraced)}, without which there is no trace"
        print(f"glue-xray attach: {plan.job.name}: {lacks}", file=sys.stderr)
