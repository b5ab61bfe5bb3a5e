# SPDX-License-Identifier: Apache-2.0
"""The one door to ministack's modules, which carry no types and are slow to import (so: when needed)."""

from __future__ import annotations

import functools
import importlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

Response = tuple[int, dict[str, str], bytes]
Handler = Callable[..., Awaitable[Response]]


def service(name: str) -> Any:
    """Return the module of a service, for example ``service("glue")``."""
    return importlib.import_module(f"ministack.services.{name}")


def core(name: str) -> Any:
    """Return a module of ministack's core, for example ``core("responses")``."""
    return importlib.import_module(f"ministack.core.{name}")


def app() -> Any:
    """Return ministack's ASGI application module."""
    return importlib.import_module("ministack.app")


def provisioners() -> Any:
    """Return the module with CloudFormation's handlers of resource types (it imports 45 services)."""
    return importlib.import_module("ministack.services.cloudformation.provisioners")


def wrap(owner: Any, name: str, around: Callable[..., Any]) -> None:
    """Replace an attribute by a function that calls ``around(original, *arguments)``.

    ministack looks its functions up by name when it calls them, so a replaced one is used from then on.

    Raises
    ------
    AttributeError
        The installed ministack has no such function: this version of it is not the one we know.
    """
    original = getattr(owner, name)

    @functools.wraps(original)
    def wrapped(*arguments: Any, **options: Any) -> Any:
        return around(original, *arguments, **options)

    setattr(owner, name, wrapped)


def add_service(name: str, handler: Handler) -> None:
    """Answer the requests to a service that ministack does not have.

    Parameters
    ----------
    name
        The service in host names and credential scopes, for example ``emr-serverless``.
    handler
        Given method, path, headers, body and query: a response.
    """
    app().SERVICE_HANDLERS[name] = handler
    # Without this, ministack reads every botocore model to find out that there is such a service
    core("router").SERVICE_PATTERNS[name] = {"host_patterns": [rf"^{name}\."], "credential_scope": name}


def answer_at(path: str, answer: Callable[[str, bytes], Any]) -> None:
    """Answer requests for a path of the cloud's own.

    Parameters
    ----------
    answer
        Given method and body: what becomes the JSON of the answer; a ValueError or TypeError is a 400.
    """

    async def around(
        original: Any, method: str, requested: str, headers: Any, body: bytes, *rest: Any
    ) -> Response:
        if requested != path:
            response: Response = await original(method, requested, headers, body, *rest)
            return response
        try:
            status, content = 200, answer(method, body)
        except (ValueError, TypeError) as error:
            status, content = 400, {"message": str(error)}
        return status, {"Content-Type": "application/json"}, json.dumps(content).encode()

    wrap(app(), "_handle_post_body_shortcuts", around)


class ApiError(Exception):
    """An AWS service refused a request.

    Parameters
    ----------
    code
        Error code as the service's API names it, for example ``EntityNotFoundException``.
    message
        Text for the caller.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


def call(function: Any, request: dict[str, Any]) -> dict[str, Any]:
    """Call an operation of a JSON service in-process and return its answer.

    Raises
    ------
    ApiError
        The operation answered with a status of 400 or above.
    """
    status, _, body = function(request)
    answer: dict[str, Any] = json.loads(body or b"{}")
    if status >= 400:
        raise ApiError(answer.get("__type", "InternalFailure"), answer.get("message", ""))
    return answer


def json_response(answer: dict[str, Any]) -> Response:
    """Wrap an answer as ministack's services do."""
    response: Response = core("responses").json_response(answer)
    return response


def error_response(error: ApiError) -> Response:
    """Wrap an error as ministack's JSON services do."""
    response: Response = core("responses").error_response_json(error.code, error.message, 400)
    return response
