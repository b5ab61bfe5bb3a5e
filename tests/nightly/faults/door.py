# SPDX-License-Identifier: Apache-2.0
"""A door in front of an AWS API: real sockets, the answers that a fault wants, then the cloud's own."""

from __future__ import annotations

import json
import os
import threading
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any, NamedTuple

from tests.nightly.faults.world import World
from tests.serving import Serving

HELD_S = 60.0  # how long a call without an answer is held, at most


class Say(NamedTuple):
    """An answer: ``body`` None holds the caller; with status 200 the call is passed on before."""

    status: int
    body: dict[str, Any] | None


class Door(Serving):
    """Serves until the block ends; ``taken`` counts the calls.

    Parameters
    ----------
    world
        The cloud behind the door.
    answers
        For the first calls; the others are passed on.
    """

    def __init__(self, world: World, answers: Iterable[Say]) -> None:
        assert world.outputs
        self._answers = deque(answers)
        self._released = threading.Event()
        self.taken = 0
        door = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                door._serve(self)

            def log_message(self, format: str, *args: Any) -> None:
                """Stay quiet."""

        super().__init__(Handler)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._released.set()
        super().__exit__(kind, error, trace)

    def _serve(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        self.taken += 1
        say = self._answers.popleft() if self._answers else None
        if say is None or (say.status == 200 and say.body is None):
            status, answer = _pass_on(request, body)
        else:
            status, answer = say.status, json.dumps(say.body).encode()
        if say is not None and say.body is None:
            self._released.wait(HELD_S)
            return
        request.send_response(status)
        request.send_header("Content-Type", "application/x-amz-json-1.0")
        request.send_header("Content-Length", str(len(answer)))
        request.end_headers()
        request.wfile.write(answer)


def _pass_on(request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, bytes]:
    headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
    onward = urllib.request.Request(  # noqa: S310 - our own cloud
        os.environ["AWS_ENDPOINT_URL"] + request.path, data=body, headers=headers, method="POST"
    )
    try:
        with urllib.request.urlopen(onward) as answer:  # noqa: S310
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
