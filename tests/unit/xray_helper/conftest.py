# SPDX-License-Identifier: Apache-2.0
"""A collector and an X-Ray that are real HTTP servers, and jobs that talk to nothing else."""

from __future__ import annotations

import gzip
import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.sdk.trace import ReadableSpan

from tests.serving import Serving
from xray_helper.export.delivery import DeliveryReport

DATA = Path(__file__).parent / "data"


@dataclass
class Reply:
    """What a server answers; ``hold`` keeps the caller waiting until the test is over."""

    body: bytes | dict[str, Any] = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    hold: bool = False
    reset: bool = False
    trickle: bool = False


Answer = Callable[[str, bytes], Reply]


class Server(Serving):
    """An HTTP server on a free port; ``answer(path, body)`` decides, ``requests`` remembers."""

    def __init__(self) -> None:
        self.answer: Answer = lambda path, body: Reply()
        self.requests: list[tuple[str, bytes]] = []
        self.released = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                outer.requests.append((self.path, body))
                outer._reply(self, outer.answer(self.path, body))

            def log_message(self, format: str, *args: Any) -> None:
                pass

        super().__init__(Handler)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.released.set()
        super().__exit__(kind, error, trace)

    def _reply(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        if reply.hold:
            self.released.wait(30)
        if reply.reset:
            linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"  # on, 0 s: close sends RST
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            handler.connection.close()
            return
        body = json.dumps(reply.body).encode() if isinstance(reply.body, dict) else reply.body
        try:
            handler.send_response(reply.status)
            for name, value in {
                "Content-Length": str(10**6 if reply.trickle else len(body)),
                **reply.headers,
            }.items():
                handler.send_header(name, value)
            handler.end_headers()
            if reply.trickle:
                while not self.released.wait(0.2):  # a byte now and then: no read ever times out
                    handler.wfile.write(b"x")
                    handler.wfile.flush()
            handler.wfile.write(body)
        except OSError:
            pass  # the caller gave up


class Collector(Server):
    """Takes OTLP and answers as told."""

    def spans(self) -> list[Any]:
        found = []
        for path, body in self.requests:
            assert path == "/v1/traces"
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                found += [span for scope in resource.scope_spans for span in scope.spans]
        return found

    def refuse(self, count: int) -> None:
        answer = ExportTraceServiceResponse()
        answer.partial_success.rejected_spans = count
        headers = {"Content-Type": "application/x-protobuf"}
        self.answer = lambda path, body: Reply(answer.SerializeToString(), headers=headers)


class XRay(Server):
    """Takes segments; ``traces`` is what BatchGetTraces shows."""

    def __init__(self) -> None:
        super().__init__()
        self.documents: list[dict[str, Any]] = []
        self.traces: list[str] = []
        self.answer = self.work
        self.put_arrived = threading.Event()

    def work(self, path: str, body: bytes) -> Reply:
        request = json.loads(body)
        if path == "/TraceSegments":
            self.documents += [json.loads(text) for text in request["TraceSegmentDocuments"]]
            self.put_arrived.set()
            return Reply({"UnprocessedTraceSegments": []})
        if path == "/Traces":
            segments = [{"Id": json.loads(text)["id"], "Document": text} for text in self.traces]
            traces = [{"Id": request["TraceIds"][0], "Duration": 1.0, "Segments": segments}]
            return Reply({"Traces": traces if segments else [], "UnprocessedTraceIds": []})
        return Reply({"Message": "Transaction Search is off"}, status=400)

    def puts(self) -> list[list[dict[str, Any]]]:
        return [
            [json.loads(text) for text in json.loads(body)["TraceSegmentDocuments"]]
            for path, body in self.requests
            if path == "/TraceSegments"
        ]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No AWS but the one a test asks for, no Spark, and no temporary files left behind."""
    monkeypatch.delitem(sys.modules, "pyspark", raising=False)  # imported by other tests
    for name in ("_X_AMZN_TRACE_ID", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_SERVICE_NAME", "OTEL_SDK_DISABLED"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ENDPOINT_URL", closed_port())
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def closed_port() -> str:
    """A URL where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


@pytest.fixture
def nowhere() -> str:
    return closed_port()


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        yield server


@pytest.fixture
def xray(monkeypatch: pytest.MonkeyPatch) -> Iterator[XRay]:
    with XRay() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_XRAY", server.url)
        yield server


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> list[ReadableSpan]:
    """Collects in memory the spans a job would export."""
    spans: list[ReadableSpan] = []

    def deliver(chosen: list[ReadableSpan], **_: Any) -> DeliveryReport:
        spans.extend(chosen)
        return DeliveryReport(to_collector=len(chosen))

    monkeypatch.setattr("xray_helper.session.deliver", deliver)
    return spans


@pytest.fixture
def reply() -> type[Reply]:
    return Reply


@pytest.fixture
def trace_documents() -> Callable[[str], list[str]]:
    """Reads a recorded trace: one segment document per list item, as text."""

    def read(name: str) -> list[str]:
        return [json.dumps(document) for document in json.loads((DATA / name).read_text())]

    return read
