# SPDX-License-Identifier: Apache-2.0
"""A tiny X-Ray over HTTP: takes PutTraceSegments, keeps the documents as they came, fails on demand."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True, kw_only=True)
class Failure:
    """How calls fail: HTTP status, error code as X-Ray names it, seconds before the answer."""

    status: int = 500
    code: str = "InternalFailure"
    delay: float = 0.0


class Recorder:
    """Serves on a free loopback port between ``with`` and its end.

    Parameters
    ----------
    answer_seconds
        How long an answer takes.

    Attributes
    ----------
    documents
        Every document of the calls that succeeded, in order, as text.
    calls
        Number of documents of each successful call.
    failed_calls
        How many calls were failed on purpose.
    """

    def __init__(self, *, answer_seconds: float = 0.0) -> None:
        self._answer_seconds = answer_seconds
        self.documents: list[str] = []
        self._ids: set[str] = set()
        self.calls: list[int] = []
        self.failed_calls = 0
        self._failure: Failure | None = None
        self._changed = threading.Condition()
        self._server = _Server(self)

    @property
    def endpoint(self) -> str:
        """What goes into ``XRAY_ENDPOINT``."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, name="recorder", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fail(self, failure: Failure | None) -> None:
        """Fail every call from now on, or none with None."""
        with self._changed:
            self._failure = failure

    def wait(self, done: Callable[[Recorder], bool], *, seconds: float) -> bool:
        """Wait until ``done``, looking again after each call; False when the time is over first."""
        with self._changed:
            return self._changed.wait_for(lambda: done(self), timeout=seconds)

    def ids(self) -> set[str]:
        """Return the ids of the documents taken so far."""
        with self._changed:
            return set(self._ids)

    def answer(self, request: dict[str, Any]) -> tuple[int, dict[str, Any], str]:
        """Answer one PutTraceSegments: status, body, error code."""
        documents = request["TraceSegmentDocuments"]
        identifiers = {json.loads(text)["id"] for text in documents}
        time.sleep(self._answer_seconds)
        with self._changed:
            failure = self._failure
            if failure is None:
                self.documents += documents
                self._ids |= identifiers
                self.calls.append(len(documents))
            else:
                self.failed_calls += 1
            self._changed.notify_all()
        if failure is None:
            return 200, {"UnprocessedTraceSegments": []}, ""
        time.sleep(failure.delay)
        return failure.status, {"Message": "A failure that a test asked for."}, failure.code


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay quiet about connections that a collector cut by being stopped."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer: two would meet Nagle's algorithm and wait for 40 ms
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """Write no access log."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path != "/TraceSegments":
            status, answer, code = 404, {"Message": f"There is no {self.path} here."}, "NotFound"
        else:
            status, answer, code = self.server.recorder.answer(json.loads(body))
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        if code:
            self.send_header("x-amzn-errortype", code)
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()
