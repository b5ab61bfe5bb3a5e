# SPDX-License-Identifier: Apache-2.0
"""How the collector answers HTTP requests."""

from __future__ import annotations

import gzip
import http.client
import logging
import zlib
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

from local_cloud.xray.collector import names, span_filter
from local_cloud.xray.collector.listener import Listener
from local_cloud.xray.collector.metrics import receive
from local_cloud.xray.collector.otlp import JSON, PROTOBUF, MalformedRequestError, spans
from local_cloud.xray.faults import Fault
from loopback import own_names, refusal

_MAX_BODY_BYTES = 64 * 1024 * 1024
_DECODERS: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.decompress, "deflate": zlib.decompress}
_FORWARDED = ("Content-Type", "Content-Encoding")
_log = logging.getLogger(__name__)
_OTHER_SIGNALS = ("/v1/metrics", "/v1/logs")


class Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    protocol_version = "HTTP/1.1"
    server: Listener

    def log_message(self, format: str, *args: Any) -> None:
        """Write no access log."""

    def do_CONNECT(self) -> None:
        """Refuse tunnels: there is nothing outside this machine."""
        if self._is_let_in():
            self._answer(502, f"{self.path} cannot be reached from this cloud.")

    def do_GET(self) -> None:
        """Answer GET, which OTLP has not."""
        if self._is_let_in() and self._reaches_collector():
            self._answer(405, "OTLP requests are POST requests.")

    do_PUT = do_DELETE = do_HEAD = do_GET  # noqa: N815 - the base class looks for these names

    def do_POST(self) -> None:
        """Take an OTLP request."""
        sent = self._sent() if self._is_let_in() else None
        if sent is None or not self._reaches_collector():
            return
        fault = self.server.collector.faults.take()
        if fault is not None:
            self._suffer(fault)
            return
        path = urlsplit(self.path).path
        if (upstream := self.server.collector.upstream(path)) is not None:
            self._forward(upstream, path, sent)
            return
        body = self._decoded(sent)
        if body is None:
            return
        if path == "/v1/traces":
            self._traces(body)
        elif path in _OTHER_SIGNALS:
            self._other(path, body)
        else:
            self._answer(404, f"There is no {path} in OTLP.")

    def _traces(self, body: bytes) -> None:
        try:
            received = spans(body, self._content_type())
        except MalformedRequestError as error:
            self._answer(400, str(error))
            return
        host = urlsplit(self.path).hostname or ""
        self.server.collector.exporter.export(span_filter.kept(received, host))
        self._accept()

    def _other(self, path: str, body: bytes) -> None:
        self.server.collector.keep(path, body)
        try:
            if path == "/v1/metrics":
                receive(body, self._content_type(), urlsplit(self.path).hostname or "")
        except MalformedRequestError as error:
            self._answer(400, str(error))
            return
        self._accept()

    def _is_let_in(self) -> bool:
        """Refuse web pages, and whoever does not know the secret, where there is one."""
        proxied = urlsplit(self.path).netloc.lower()  # a name of the VPC, see below
        names = (*own_names(self.server.server_port), *filter(None, [proxied]))
        reason = refusal(self.headers.items(), names=names)
        told = self.headers.get("Proxy-Authorization") or self.headers.get("Authorization") or ""
        if reason is None and not self.server.collector.knows(told):
            reason = "The collector of this cloud takes spans of its jobs alone: use their HTTP_PROXY."
        if reason is not None:
            self._answer(403, reason)
        return reason is None

    def _reaches_collector(self) -> bool:
        """Resolve the host of a proxy request; a request without one is meant for this server itself."""
        target = urlsplit(self.path)
        if not target.netloc:
            return True
        host, port = target.hostname or "", target.port or 80
        if not self.server.collector.is_deployed(host):
            self._answer(502, f"The name {host} does not resolve: no such Cloud Map service is deployed.")
        elif port != names.COLLECTOR_PORT:
            self._answer(502, f"{host} refuses connections on port {port}.")
        else:
            return True
        return False

    def _forward(self, upstream: str, path: str, sent: bytes) -> None:
        """Hand a request to the real collector, and its answer back; without an answer, give none."""
        headers = {name: self.headers[name] for name in _FORWARDED if name in self.headers}
        connection = http.client.HTTPConnection(urlsplit(upstream).netloc)
        try:
            connection.request("POST", path, sent, headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            _log.warning("Collector: the real one gave no answer: %s", error)
            self.close_connection = True
            return
        finally:
            connection.close()
        _log.info("Collector: the real one answered %d to %s", answer.status, path)
        again = {"Retry-After": answer.headers["Retry-After"]} if "Retry-After" in answer.headers else {}
        self._send(answer.status, answer.headers.get("Content-Type", ""), content, again)

    def _sent(self) -> bytes | None:
        """Read the body as it came."""
        sent = self._chunks() if "chunked" in self.headers.get("Transfer-Encoding", "") else self._sized()
        if sent is None:
            self._answer(413, "The request is too large.")
        return sent

    def _decoded(self, body: bytes) -> bytes | None:
        encoding = self.headers.get("Content-Encoding", "")
        try:
            return _DECODERS.get(encoding, bytes)(body)
        except (OSError, EOFError, zlib.error) as error:
            self._answer(400, f"The body is no {encoding}: {error}")
            return None

    def _sized(self) -> bytes | None:
        length = int(self.headers.get("Content-Length") or 0)
        return self.rfile.read(length) if length <= _MAX_BODY_BYTES else None

    def _chunks(self) -> bytes | None:
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
            if len(body) > _MAX_BODY_BYTES:
                return None
        self.rfile.readline()
        return body

    def _content_type(self) -> str:
        return str(self.headers.get("Content-Type", PROTOBUF)).split(";")[0].strip().lower()

    def _accept(self) -> None:
        as_json = self._content_type() == JSON
        self._send(200, JSON if as_json else PROTOBUF, b'{"partialSuccess":{}}' if as_json else b"")

    def _answer(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        self.close_connection = True  # the body may be unread
        self._send(status, "text/plain; charset=utf-8", message.encode(), headers)

    def _send(
        self, status: int, content_type: str, body: bytes, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": content_type,
            "Content-Length": str(len(body)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _suffer(self, fault: Fault) -> None:
        if fault.mode == "status":
            retry = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
            self._answer(fault.status, "A fault that a test switched on.", retry)
            return
        self.close_connection = True
        if fault.mode == "hang":
            self.server.collector.faults.cleared.wait()
        elif fault.mode == "reset":
            self.server.reset(self.connection)
