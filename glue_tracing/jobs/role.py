# SPDX-License-Identifier: Apache-2.0
"""The role of a job: found behind the job, and given rights if the app may do that."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import aws_cdk as cdk
import aws_cdk.aws_glue as glue
import aws_cdk.aws_iam as iam
from constructs import IConstruct

_STATEMENT: Final = "glue-tracing:statement"


def grant(job: glue.CfnJob, statements: Sequence[iam.PolicyStatement]) -> bool:
    """Add rights to a job's role; return False for a role that this app cannot change."""
    role = _role(job)
    if role is None:
        return False
    for statement in statements:
        _add(role, statement)
    # A role that may not be changed takes statements without a word, and makes no policy of them
    return any(isinstance(node, iam.CfnPolicy) for node in role.node.find_all())


def _add(role: iam.IRole, statement: iam.PolicyStatement) -> None:
    """Add a statement, once; its name gets a number where the role has another of that name: IAM wants that.

    Source: "IAM JSON policy elements: Sid", IAM User Guide.
    """
    resolved = cdk.Stack.of(role).resolve(statement.to_statement_json())
    key, name = json.dumps(resolved, sort_keys=True), str(statement.sid)
    known = [str(entry.data) for entry in role.node.metadata if entry.type == _STATEMENT]
    if key in known:
        return
    namesakes = sum(json.loads(one)["Sid"] == name for one in known)
    if namesakes:
        statement.sid = f"{name}{namesakes + 1}"
    role.node.add_metadata(_STATEMENT, key)
    role.add_to_principal_policy(statement)


def _role(job: glue.CfnJob) -> iam.IRole | None:
    around = getattr(job.node.scope, "role", None)
    if around is not None and hasattr(around, "add_to_principal_policy"):
        role: iam.IRole = around
        return role
    target = _target(job.role)
    if target is None:
        return None
    if isinstance(target, iam.CfnRole):
        holder = target.node.scope
        return holder if isinstance(holder, iam.Role) else _by_name(target)
    return None


def _target(role: str) -> IConstruct | None:
    """Return the construct that a reference in a job's definition points to."""
    token = cdk.Tokenization.reverse_string(role).first_token
    if token is None or not cdk.Reference.is_reference(token):
        return None
    return token.target  # type: ignore[no-any-return, attr-defined]


def _by_name(role: iam.CfnRole) -> iam.IRole:
    """Return one role without a construct around it as one that takes policies; made once."""
    found: Any = role.node.try_find_child("Traced")  # of a class that CDK does not export
    return found or iam.Role.from_role_name(role, "Traced", role.ref)
