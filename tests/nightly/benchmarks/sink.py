# SPDX-License-Identifier: Apache-2.0
"""An OTLP/HTTP receiver in a process of its own, so that receiving costs the measured process nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@contextmanager
def receiver(path: Path) -> Iterator[list[str]]:
    """Start the process; give the arguments that make a job send to it. Its spans are in the file then."""
    for file in (path, sizes(path)):
        file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.nightly.benchmarks.sink", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield ["--otlp_endpoint", f"http://127.0.0.1:{int(process.stdout.readline())}"]
        finally:
            process.terminate()


def sizes(path: Path) -> Path:
    """Return the file with the bytes of each request's body, a line for each."""
    return path.with_suffix(".bytes")


class Handler(BaseHTTPRequestHandler):
    """Append each span to the file named on the command line, as one JSON line."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/v1/traces":
            with Path(sys.argv[1]).open("a") as out:
                for line in _spans(ExportTraceServiceRequest.FromString(body)):
                    out.write(json.dumps(line) + "\n")
            with sizes(Path(sys.argv[1])).open("a") as out:
                out.write(f"{len(body)}\n")
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the output belongs to the benchmark."""


def _spans(request: ExportTraceServiceRequest) -> list[dict[str, object]]:
    scopes = [scope for resource in request.resource_spans for scope in resource.scope_spans]
    return [
        {
            "name": span.name,
            "start_ns": span.start_time_unix_nano,
            "end_ns": span.end_time_unix_nano,
            "keys": [attribute.key for attribute in span.attributes],
            "job": span.kind == 2,  # SPAN_KIND_SERVER
            "numbers": {
                attribute.key: attribute.value.int_value
                for attribute in span.attributes
                if attribute.value.HasField("int_value")
            },
        }
        for scope in scopes
        for span in scope.spans
    ]


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()
