# SPDX-License-Identifier: Apache-2.0
"""The collector's listening socket and its connections."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from local_cloud.xray.collector.exporter import Exporter
from local_cloud.xray.faults import FaultSwitch


class Receiver(Protocol):
    """What takes the requests."""

    exporter: Exporter
    faults: FaultSwitch
    is_deployed: Callable[[str], bool]
    upstream: Callable[[str], str | None]

    def keep(self, path: str, body: bytes) -> None:
        """Keep a message of metrics or logs."""

    def knows(self, authorization: str) -> bool:
        """Return whether a sender is one of the cloud's own."""


class Listener(ThreadingHTTPServer):
    """Knows its open connections, so that going down also cuts those that a client keeps alive."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def __init__(self, collector: Receiver, port: int, handler: type[BaseHTTPRequestHandler]) -> None:
        self.collector = collector
        self._open: set[socket.socket] = set()
        self._to_reset: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(("127.0.0.1", port), handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember a connection."""
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """End a connection, as a fault may want it."""
        with self._open_lock:
            self._open.discard(request)
            abrupt = request in self._to_reset
            self._to_reset.discard(request)
        if abrupt:
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay quiet about connections that clients or faults cut."""

    def reset(self, connection: socket.socket) -> None:
        """Have a connection end with RST: a linger time of zero, and no orderly shutdown before the close."""
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with self._open_lock:
            self._open.discard(connection)
            self._to_reset.add(connection)

    def close_connections(self) -> None:
        """Cut every connection."""
        with self._open_lock:
            connections = list(self._open)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
