# SPDX-License-Identifier: Apache-2.0
"""What a job's role needs, whether it has that, and the inline policy that gives it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any, Final

from glue_xray.attach.errors import AttachError, sentences
from glue_xray.bundle import WORKFLOW_ACTION, workflow_arn, xray_actions

TRACE: Final = "Trace"  # the statement without which there is no trace
_POLICY_NAME_LIMIT: Final = 128
_DIGEST_DIGITS: Final = 8
_NOT_FOUND: Final = "NoSuchEntity"


def policy(
    folder: str, *, role: str, collector: str | None, region: str, partition: str = "aws"
) -> dict[str, Any]:
    """Return the policy that a role needs.

    Parameters
    ----------
    folder
        The URI of what the job reads: all of it, so that an upgrade takes nothing from runs under way.
    role
        By name or ARN; only an ARN tells the account, and so whose workflows these are.
    collector
        Where spans go; None: to X-Ray itself.
    region, partition
        The job's: ``eu-west-1``, and ``aws``, ``aws-cn`` or ``aws-us-gov``.
    """
    account = role.split(":")[4] if role.startswith("arn:") else "*"
    read = f"arn:{partition}:s3:::{folder[len('s3://') :]}/*"
    workflows = workflow_arn(partition=partition, region=region, account=account)
    return {
        "Version": "2012-10-17",
        "Statement": [
            _allow("ReadTracing", ["s3:GetObject"], [read]),
            _allow("FindWorkflowRun", [WORKFLOW_ACTION], [workflows]),
            _allow(TRACE, list(xray_actions(collector)), "*"),
        ],
    }


def _allow(sid: str, actions: list[str], resource: list[str] | str) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource}


def role_name(role: str) -> str:
    """Return the name of a role that a job names by name or ARN.

    Examples
    --------
    >>> role_name("arn:aws:iam::123456789012:role/service-role/Glue")
    'Glue'
    """
    return role.rpartition("/")[2]


def policy_name(job: str) -> str:
    """Return the name of the inline policy of a job, one for each job: several may share a role."""
    name = "glue-xray-" + re.sub(r"[^\w+=,.@-]", "_", job, flags=re.ASCII)
    if len(name) <= _POLICY_NAME_LIMIT and name.endswith(job):
        return name
    digest = hashlib.sha256(job.encode()).hexdigest()[:_DIGEST_DIGITS]
    return f"{name[: _POLICY_NAME_LIMIT - _DIGEST_DIGITS - 1]}-{digest}"


def lacking(iam: Any, role: str, actions: Sequence[str], resource: str) -> list[str]:
    """Return which actions a role's own policies do not allow on a resource; a bucket's are not asked.

    Raises
    ------
    AttachError
        IAM does not say.
    """
    with sentences(f"the rights of {role_name(role)} cannot be looked up"):
        arn = role if role.startswith("arn:") else iam.get_role(RoleName=role)["Role"]["Arn"]
        answer = iam.simulate_principal_policy(
            PolicySourceArn=arn, ActionNames=list(actions), ResourceArns=[resource]
        )
    results = answer["EvaluationResults"]
    return [str(one["EvalActionName"]) for one in results if one["EvalDecision"] != "allowed"]


def grant(iam: Any, role: str, job: str, needed: dict[str, Any]) -> None:
    """Write the inline policy.

    Raises
    ------
    AttachError
        The role cannot be changed.
    """
    with sentences(f"the role {role_name(role)} cannot be changed; have its owner add the policy"):
        iam.put_role_policy(
            RoleName=role_name(role), PolicyName=policy_name(job), PolicyDocument=json.dumps(needed)
        )


def revoke(iam: Any, role: str, job: str) -> None:
    """Remove the inline policy, if it is there.

    Raises
    ------
    AttachError
        The role cannot be changed.
    """
    name = policy_name(job)
    try:
        with sentences(f"the policy {name} of the role {role} cannot be removed"):
            iam.delete_role_policy(RoleName=role, PolicyName=name)
    except AttachError as error:
        if _NOT_FOUND not in str(error):
            raise
