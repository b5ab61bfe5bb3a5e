# SPDX-License-Identifier: Apache-2.0
"""The door of the endpoint: whoever calls has credentials of this cloud, and is no web page.

What is checked is the session token, which AWS's SDKs, the CLI and presigned URLs send along: that of the
cloud itself, or one that it handed out with a role. Why the token and not the signature: docs/security.md.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import parse_qs, quote

from local_cloud.emulator import app, core, service, wrap
from loopback import own_names, refusal

_TOKEN = "x-amz-security-token"  # noqa: S105 - the name of a header
# Addresses that are secrets themselves (UUIDs): CloudFormation gives each to one custom resource
_SECRET_PATHS = ("/_ministack/cfn-response/", "/_ministack/cfn-signal/")
_REASON = (
    "The request has no session token of this local cloud: take all AWS_* variables of the cloud that you "
    "started, AWS_SESSION_TOKEN among them."
)
_CROSS_ORIGIN = b"access-control-"  # headers that would let a page of another origin read the answer


class Guard:
    """ASGI application in front of another.

    Parameters
    ----------
    inner
        Gets the requests that are let in, and every event that is no request.
    port
        Where the server listens.
    token
        The session token of the cloud's own credentials.
    """

    def __init__(self, inner: Any, *, port: int, token: str) -> None:
        self._inner = inner
        self._names: Collection[str] = own_names(port)
        self._token = token

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer with 403, or pass on."""
        if scope["type"] == "lifespan":
            await self._inner(scope, receive, send)
            return
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        query = parse_qs(scope["query_string"].decode("latin-1"))
        reason = refusal(headers.items(), names=self._names)
        if reason is None and not self._has_token(scope["path"], headers, query):
            reason = _REASON
        if reason is None:
            await self._inner(scope, receive, _without_cross_origin(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": reason})
        else:
            await _refuse(scope, headers, query, send, reason)

    def _has_token(self, path: str, headers: Mapping[str, str], query: Mapping[str, list[str]]) -> bool:
        if path.startswith(_SECRET_PATHS):
            return True
        in_query = next((values[0] for name, values in query.items() if name.lower() == _TOKEN), "")
        given = headers.get(_TOKEN) or in_query
        session = service("sts")._sessions.get(app().extract_access_key_id(headers, query), {})
        return any(_equal(given, token) for token in (self._token, session.get("SessionToken")) if token)


def sign_addresses(token: str) -> None:
    """Have the addresses of a function's code and of layers carry the token: their callers do not sign.

    AWS gives presigned URLs of S3 there.
    """

    def signed(original: Any, *arguments: Any) -> str:
        address = str(original(*arguments))
        return f"{address}{'&' if '?' in address else '?'}X-Amz-Security-Token={quote(token)}"

    for name in ("_presigned_code_url", "_layer_content_url"):
        wrap(service("lambda_svc"), name, signed)


def _equal(one: str, other: str) -> bool:
    return secrets.compare_digest(one.encode(), other.encode())


def _without_cross_origin(send: Any) -> Any:
    async def sending(message: Any) -> None:
        if message.get("headers"):
            kept = [(name, value) for name, value in message["headers"] if not _is_cross_origin(name)]
            message = {**message, "headers": kept}
        await send(message)

    return sending


def _is_cross_origin(name: bytes) -> bool:
    return bool(name.lower().startswith(_CROSS_ORIGIN))


async def _refuse(scope: Any, headers: Mapping[str, str], query: Any, send: Any, reason: str) -> None:
    """Answer in the form that the called service has for errors, so that its SDK shows the reason."""
    called = app().detect_service(scope["method"], scope["path"], headers, query)
    _, answer, body = core("iam_actions").access_denied_response(
        called, "", "", "", error_code="AccessDenied", message=reason, headers=headers
    )
    sent = [(name.encode("latin-1"), str(value).encode("latin-1")) for name, value in answer.items()]
    await send({"type": "http.response.start", "status": 403, "headers": sent})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
