# SPDX-License-Identifier: Apache-2.0
"""Receivers for what the examples send, and a way to run them as a user does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.quick_spark import quick_spark

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "docs" / "examples"
PAGE = ROOT / "docs" / "trace-your-own-job.md"


class Receiver(ThreadingHTTPServer):
    """OTLP/HTTP, PutTraceSegments, and HeadObject (every object has 7 bytes), in one server."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.spans: list[str] = []
        self.outcomes: dict[str, str] = {}  # of steps
        self.documents: list[dict[str, Any]] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/v1/traces":
            request = ExportTraceServiceRequest.FromString(body)
            scopes = [scope for resource in request.resource_spans for scope in resource.scope_spans]
            spans = [span for scope in scopes for span in scope.spans]
            self.server.spans += [span.name for span in spans]
            self.server.outcomes |= {
                span.name: one.value.string_value
                for span in spans
                for one in span.attributes
                if one.key == "spark.step.outcome"
            }
        if self.path == "/TraceSegments":
            self.server.documents += map(json.loads, json.loads(body)["TraceSegmentDocuments"])
        self._answer(b"{}" if self.path == "/TraceSegments" else b"")

    def do_HEAD(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "7")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def example_environment() -> dict[str, str]:
    """Return what the examples say they need."""
    return {
        "PATH": os.environ["PATH"],
        **quick_spark(),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "glue_jobs"), os.environ.get("PYTHONPATH", "")]),
        "PYSPARK_PYTHON": sys.executable,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def run_example(name: str, *arguments: str, **variables: str) -> str:
    """Run an example with nothing but what it says it needs; returns what it prints."""
    environment = example_environment() | variables
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def code_of(example: Path) -> str:
    """The code of an example, without what stands above it."""
    return example.read_text().partition('"""\n\n')[2].strip()


def is_shown(name: str) -> bool:
    """Tell whether the page shows the code of the example as it stands."""
    return code_of(EXAMPLES / name) in [
        block.split("```")[0].strip() for block in PAGE.read_text().split("```python\n")
    ]
