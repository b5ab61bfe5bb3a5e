# SPDX-License-Identifier: Apache-2.0
"""An X-Ray on 127.0.0.1 whose answers change: every BatchGetTraces gets the next one."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from trace_viewer import Trace


class GrowingXRay(ThreadingHTTPServer):
    """Holds the traces to answer with, in turn; the last one for ever. None: no trace yet."""

    daemon_threads = True

    def __init__(self, *answers: Trace | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = list(answers)
        self.asked = threading.Event()
        self.job_runs: list[dict[str, object]] = []  # what Glue, at the same address, says once each

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def next(self) -> Trace | None:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class _Handler(BaseHTTPRequestHandler):
    server: GrowingXRay

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/TraceSummaries":
            now = self.server.answers[0]
            answer: dict[str, object] = {"TraceSummaries": [{"Id": now.id, "StartTime": 1.0}] if now else []}
            if now is None:
                self.server.next()
        elif self.path == "/Traces":
            trace = self.server.next()
            answer = {"Traces": [trace.to_json()] if trace else []}
            self.server.asked.set()
        elif self.headers.get("X-Amz-Target") == "AWSGlue.GetJobRun" and self.server.job_runs:
            answer = {"JobRun": self.server.job_runs.pop(0)}
        else:
            answer = {}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@contextmanager
def growing_xray(*answers: Trace | None) -> Iterator[GrowingXRay]:
    with GrowingXRay(*answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
