# SPDX-License-Identifier: Apache-2.0
"""AWS behind real sockets: StartExecution and PutTraceSegments over HTTP, the X-Ray daemon over UDP."""

from __future__ import annotations

import json
import socket
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.serving import Serving

THROTTLED = (400, {"__type": "com.amazon.coral.availability#ThrottlingException", "message": "Rate exceeded"})
FAILED = (500, {"__type": "InternalFailure", "message": "try again"})
DENIED = (
    400,
    {"__type": "AccessDeniedException", "message": "not authorized to perform: states:StartExecution"},
)
LOST = "started, but the answer is lost"


@dataclass
class Start:
    """A StartExecution request as it arrived."""

    name: str
    document: dict[str, Any]
    argument: str  # the traceHeader in the body
    header: str  # the X-Amzn-Trace-Id of HTTP


@dataclass
class FakeAws:
    """Step Functions, with one queue of answers to give instead of its own, and X-Ray.

    ``executions`` and ``starts`` hold what was started and what was asked for; ``segments`` what
    PutTraceSegments got. Executions count as closed when ``closed`` is set: then the same input is refused
    too.
    """

    executions: dict[str, Start] = field(default_factory=dict)
    starts: list[Start] = field(default_factory=list)
    faults: deque[Any] = field(default_factory=deque)
    faults_of: dict[str, Any] = field(default_factory=dict)  # by a part of the object key, for ever
    closed: bool = False
    segments: list[dict[str, Any]] = field(default_factory=list)
    refuse_segments: bool = False
    xray_status: int = 200

    def start_execution(self, body: dict[str, Any], header: str) -> tuple[int, dict[str, Any]] | None:
        document = json.loads(body["input"])
        start = Start(body["name"], document, body["traceHeader"], header)
        self.starts.append(start)
        fault = self.faults.popleft() if self.faults else None
        fault = fault or next((f for part, f in self.faults_of.items() if part in document["key"]), None)
        if isinstance(fault, tuple):
            return fault[0], fault[1]
        known = self.executions.get(start.name)
        if known is not None and (self.closed or known.document != document):
            return 400, {
                "__type": "ExecutionAlreadyExists",
                "message": f"Execution Already Exists: '{start.name}'",
            }
        self.executions.setdefault(start.name, start)
        if fault == LOST:
            return None
        return 200, {
            "executionArn": f"arn:aws:states:::execution:m:{start.name}",
            "startDate": 1_795_000_000.0,
        }

    def put_trace_segments(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        documents = [json.loads(text) for text in body["TraceSegmentDocuments"]]
        if self.xray_status != 200:
            return self.xray_status, {"message": "X-Ray is down"}
        if self.refuse_segments:
            refused = [{"Id": d["id"], "ErrorCode": "InvalidSegment", "Message": "no"} for d in documents]
            return 200, {"UnprocessedTraceSegments": refused}
        self.segments += documents
        return 200, {"UnprocessedTraceSegments": []}


class AwsServer(Serving):
    """Serves a `FakeAws` on a free port."""

    def __init__(self, aws: FakeAws) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if self.path == "/TraceSegments":
                    answer: tuple[int, dict[str, Any]] | None = aws.put_trace_segments(body)
                else:
                    assert self.headers["X-Amz-Target"] == "AWSStepFunctions.StartExecution"
                    answer = aws.start_execution(body, self.headers["X-Amzn-Trace-Id"])
                if answer is None:  # hang up without a word
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                text = json.dumps(answer[1]).encode()
                self.send_response(answer[0])
                self.send_header("x-amzn-RequestId", "11111111-2222-3333-4444-555555555555")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format: str, *args: Any) -> None:
                """Stay quiet."""

        super().__init__(Handler)


class Daemon:
    """The X-Ray daemon's UDP side. Loopback delivers at once: what was sent before can be read now."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"

    def documents(self) -> list[dict[str, Any]]:
        """Return the documents that came since the last call."""
        found: list[dict[str, Any]] = []
        while True:
            try:
                protocol, document = self._socket.recv(65_535).split(b"\n", 1)
            except BlockingIOError:
                return found
            assert json.loads(protocol) == {"format": "json", "version": 1}
            found.append(json.loads(document))

    def close(self) -> None:
        self._socket.close()
