# SPDX-License-Identifier: Apache-2.0
"""A tiny CloudWatch Logs over HTTP: log groups are there, streams have to be created, lines are kept."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.serving import Serving

_MISSING = (
    400,
    {"__type": "ResourceNotFoundException", "message": "The specified log stream does not exist."},
)


class LogRecorder(Serving):
    """Serves on a free loopback port between ``with`` and its end.

    Attributes
    ----------
    calls
        The operations called, in order.
    streams
        (log group, log stream) -> the lines written there.
    formats
        What the ``x-amzn-logs-format`` headers said.
    """

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.streams: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self.formats: set[str | None] = set()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # one packet an answer: two would meet Nagle's algorithm and wait for 40 ms

            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                owner.formats.add(self.headers["x-amzn-logs-format"])
                status, answer = owner.answer(self.headers["X-Amz-Target"].split(".")[1], request)
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
                self.wfile.flush()

            def log_message(self, format: str, *args: object) -> None:
                """Stay quiet."""

        super().__init__(Handler)

    def answer(self, operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Answer one call: HTTP status and body."""
        self.calls.append(operation)
        stream = (request["logGroupName"], request["logStreamName"])
        if operation == "CreateLogStream":
            self.streams[stream] = []
            return 200, {}
        if stream not in self.streams:
            return _MISSING
        self.streams[stream] += [json.loads(event["message"]) for event in request["logEvents"]]
        return 200, {}
