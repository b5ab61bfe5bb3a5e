# SPDX-License-Identifier: Apache-2.0
"""IAM for what runs in a role: a function or a job calls as its role, and what that may not do is refused.

People's own calls (the CDK CLI, a test) are those of an administrator and are not looked at.

At the cloud's endpoint, see ``local_cloud.control``::

    GET /_local_cloud/permissions
        [{"role": "<name>", "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k", "allowed": true}, ...]

The policies are evaluated by ministack: identity policies of the role and the policy of the resource. Calls
that the emulated services make among themselves do not come by here.
"""

from __future__ import annotations

import functools
import os
import secrets
from collections.abc import Mapping
from typing import Any

from local_cloud.emulator import answer_at, core, service, wrap
from local_cloud.environment import TOKEN_VARIABLE, credentials
from local_cloud.services.iam.condition_keys import condition_keys
from local_cloud.xray.api.otlp_endpoint import ACTIONS, OTLP_PATH

PATH = "/_local_cloud/permissions"
_MAX_RECORDED = 50_000  # different calls; enough for a burst of thousands of uploads
# AWS is reached by TLS, this cloud is not; and nobody here is a service that calls for another account.
_CONNECTION = {"s3:tlsversion": "1.3", "aws:principalisawsservice": "false"}


def session_credentials(role: str, session: str) -> dict[str, str]:
    """Return the variables with which a process calls AWS as a role; the cloud's own without such a role.

    Parameters
    ----------
    role
        ARN or name of the role.
    session
        Name of the session, for example that of a job run.
    """
    name, account = role.rpartition("/")[2], core("responses").get_account_id()
    if name not in service("iam")._roles:
        return {**credentials(os.environ[TOKEN_VARIABLE]), "AWS_ACCESS_KEY_ID": account}
    key, secret, token = f"ASIA{secrets.token_hex(8).upper()}", secrets.token_hex(), secrets.token_urlsafe(32)
    service("sts").register_session(
        key,
        {
            "Arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session[:64]}",
            "UserId": f"{name}:{session[:64]}",
            "SecretAccessKey": secret,
            "SessionToken": token,
        },
    )
    return {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": token}


def install(app: Any) -> Permissions:
    """Hand functions the credentials of their roles, and check each call made with such credentials."""
    permissions = Permissions(app)
    wrap(core("lambda_runtime"), "execution_credentials", _function_credentials)
    wrap(app, "_dispatch_service_request", permissions.around_call)
    answer_at(PATH, lambda method, body: permissions.recorded())
    return permissions


def _function_credentials(original: Any, config: Mapping[str, Any]) -> dict[str, str]:
    return session_credentials(str(config.get("Role", "")), str(config.get("FunctionName", "")))


class Permissions:
    """Decides on calls and remembers them.

    Parameters
    ----------
    app
        ministack's application module.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self._recorded: dict[tuple[str, str, str], bool] = {}

    async def around_call(
        self, original: Any, method: str, path: str, headers: Any, body: bytes, query: Any, request_id: str
    ) -> Any:
        """Answer a call of a role that lacks a right with 403, and let every other one through."""
        session = service("sts")._sessions.get(self._app.extract_access_key_id(headers, query) or "")
        if session and ":assumed-role/" in session["Arn"]:
            request = _Request(method, path, headers, body, query)
            for action, resource in self._needed(request):
                if not self._may(session["Arn"], action, resource, request):
                    return core("iam_actions").access_denied_response(
                        request.service,
                        action,
                        session["Arn"],
                        request_id,
                        headers=headers,
                        resource_arn=resource,
                    )
        return await original(method, path, headers, body, query, request_id)

    def recorded(self) -> list[dict[str, str | bool]]:
        """Return every different call of a role, as the module's documentation shows."""
        names = ("role", "action", "resource", "allowed")
        return [dict(zip(names, (*key, value), strict=True)) for key, value in self._recorded.items()]

    def _needed(self, request: _Request) -> list[tuple[str, str]]:
        """Return each right that a request needs: action and resource."""
        actions, app = core("iam_actions"), self._app
        call = (request.method, request.path, request.headers, request.body)
        query = app._routing_params(*call, request.query)
        request.service = app.detect_service(request.method, request.path, request.headers, query)
        request.region = app.extract_region(request.headers)
        if request.service == "xray":
            return [(f"xray:{name}", "*") for name in _xray_operations()[request.path]]
        action = actions.extract_iam_action(request.service, *call, query)
        if action is None:
            return []
        account = core("responses").get_account_id()
        resource = actions.extract_resource_arn(request.service, *call, query, request.region, account)
        more = actions.s3_additional_checks(*call, query) if request.service == "s3" else []
        return [(action, resource), *more]

    def _may(self, session: str, action: str, resource: str, request: _Request) -> bool:
        role = session.split("/")[1]
        allowed = _evaluate(session, action, resource, request)
        if len(self._recorded) < _MAX_RECORDED:
            self._recorded[role, action, resource] = allowed
        return allowed


class _Request:
    """One request, and what was found out about it."""

    def __init__(self, method: str, path: str, headers: Any, body: bytes, query: Any) -> None:
        self.method, self.path, self.headers, self.body, self.query = method, path, headers, body, query
        self.service = self.region = ""


def _evaluate(session: str, action: str, resource: str, request: _Request) -> bool:
    iam = core("iam_evaluator")
    account, role = session.split(":")[4], session.split("/")[1]
    policies = iam._gather_role_policies(role, account)
    context = iam.EvalContext(
        principal_arn=session,
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=request.region,
        secure_transport=True,
        service_context={"aws:tagkeys": None, **_CONNECTION, **condition_keys(resource)},
    )
    result = iam.evaluate(context, policies)
    policy = iam._resource_policy(request.service, resource)
    if policy is not None:
        required = request.service in iam._POLICY_REQUIRED
        result = iam.combine_resource_policy(result, context, *policy, required=required)
    return bool(result.decision == "Allow")


@functools.cache
def _xray_operations() -> dict[str, tuple[str, ...]]:
    """Path -> operations, from botocore's model, which lacks OTLP: ministack knows no X-Ray."""
    import botocore.session

    model = botocore.session.get_session().get_service_model("xray")
    operations = (model.operation_model(name) for name in model.operation_names)
    return {operation.http["requestUri"]: (operation.name,) for operation in operations} | {
        OTLP_PATH: ACTIONS
    }
