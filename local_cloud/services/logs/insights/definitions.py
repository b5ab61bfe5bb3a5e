# SPDX-License-Identifier: Apache-2.0
"""Saved queries (query definitions), which ministack has not.

Source: PutQueryDefinition, DescribeQueryDefinitions and DeleteQueryDefinition, CloudWatch Logs API Reference.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from local_cloud.emulator import ApiError, Response, app, error_response, json_response

Definition = dict[str, Any]
_PAGE = 1000  # definitions in one answer at most
_KEPT = ("name", "queryString", "logGroupNames", "queryLanguage", "parameters")

definitions: dict[str, Definition] = {}  # by id


def put(request: Mapping[str, Any]) -> dict[str, Any]:
    """Save a query, or another text for a saved one."""
    key = request.get("queryDefinitionId") or str(uuid.uuid4())
    given = {name: request[name] for name in _KEPT if request.get(name)}
    definitions[key] = {"queryDefinitionId": key, "lastModified": int(time.time() * 1000), **given}
    return {"queryDefinitionId": key}


def delete(request: Mapping[str, Any]) -> dict[str, Any]:
    """Remove a saved query.

    Raises
    ------
    ApiError
        There is none of that id.
    """
    key = request["queryDefinitionId"]
    if definitions.pop(key, None) is None:
        raise ApiError("ResourceNotFoundException", f"There is no query definition {key}.")
    return {"success": True}


def describe(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the saved queries whose name begins with a prefix, in pages."""
    prefix, start = request.get("queryDefinitionNamePrefix", ""), int(request.get("nextToken") or 0)
    found = sorted((one for one in definitions.values() if one["name"].startswith(prefix)), key=_name)
    end = start + int(request.get("maxResults") or _PAGE)
    more = {"nextToken": str(end)} if end < len(found) else {}
    return {"queryDefinitions": found[start:end], **more}


def _name(definition: Definition) -> str:
    return str(definition["name"])


_OPERATIONS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "Logs_20140328.PutQueryDefinition": put,
    "Logs_20140328.DeleteQueryDefinition": delete,
    "Logs_20140328.DescribeQueryDefinitions": describe,
}


def install() -> None:
    """Answer the three operations before ministack sees the request."""
    handlers = app().SERVICE_HANDLERS
    original = handlers["logs"]

    async def handle(method: str, path: str, headers: dict[str, str], body: bytes, *more: Any) -> Response:
        operation = _OPERATIONS.get(headers.get("x-amz-target", ""))
        if operation is None:
            response: Response = await original(method, path, headers, body, *more)
            return response
        try:
            return json_response(operation(json.loads(body or b"{}")))
        except ApiError as error:
            return error_response(error)

    handlers["logs"] = handle
