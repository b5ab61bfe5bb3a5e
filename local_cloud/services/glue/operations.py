# SPDX-License-Identifier: Apache-2.0
"""How an operation of ours becomes one of ministack's Glue."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from local_cloud.emulator import ApiError, Response, error_response, json_response, service

Request = dict[str, Any]
Operation = Callable[[Request], dict[str, Any]]


def answering(operation: Operation) -> Callable[[Request], Response]:
    """Turn an operation that returns or raises into one that answers as ministack's do."""

    def answer(request: Request) -> Response:
        try:
            return json_response(operation(request))
        except ApiError as error:
            return error_response(error)

    return answer


def add(operations: dict[str, Operation]) -> None:
    """Answer operations that ministack does not know."""
    glue = service("glue")
    handle = glue._handle_request_sync

    def handle_more(method: str, path: str, headers: dict[str, str], body: bytes, query: Any) -> Response:
        name = headers.get("x-amz-target", "").rpartition(".")[2]
        if name not in operations:
            response: Response = handle(method, path, headers, body, query)
            return response
        return answering(operations[name])(json.loads(body or b"{}"))

    glue._handle_request_sync = handle_more
