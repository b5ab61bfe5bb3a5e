# SPDX-License-Identifier: Apache-2.0
"""The door of the endpoint, event by event."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from local_cloud.server.guard import Guard

TOKEN = {"X-Amz-Security-Token": "secret"}
OWN = {"Host": "127.0.0.1:80"}


async def _inner(scope: Any, receive: Any, send: Any) -> None:
    headers = [(b"Access-Control-Allow-Origin", b"*"), (b"Content-Type", b"text/plain")]
    await send({"type": "let in", "headers": headers})


def _ask(kind: str, headers: dict[str, str], path: str = "/") -> dict[str, Any]:
    """The first event of the answer."""
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    told = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": kind, "method": "GET", "path": path, "query_string": b"", "headers": told}
    guard = Guard(_inner, port=80, token="secret")
    asyncio.run(guard(scope, None, send))
    return sent[0]


def test_an_answer_loses_the_headers_that_would_show_it_to_another_page() -> None:
    assert _ask("http", {**OWN, **TOKEN})["headers"] == [(b"Content-Type", b"text/plain")]


@pytest.mark.parametrize("headers", [OWN, {**OWN, **TOKEN, "Origin": "http://127.0.0.1:81"}, TOKEN])
def test_a_stranger_gets_neither_an_answer_nor_a_socket(headers: dict[str, str]) -> None:
    assert _ask("http", headers)["status"] == 403
    assert _ask("websocket", headers)["type"] == "websocket.close"
    assert _ask("websocket", {**OWN, **TOKEN})["type"] == "let in"


def test_an_address_that_is_a_secret_needs_no_token_and_is_for_no_page() -> None:
    path = "/_ministack/cfn-response/4b1c3c0e-8a52-4a8f-9d0c-6a4bb2c5d7f1"
    assert _ask("http", OWN, path)["type"] == "let in"
    assert _ask("http", {**OWN, "Origin": "null"}, path)["status"] == 403
