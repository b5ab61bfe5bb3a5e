# SPDX-License-Identifier: Apache-2.0
"""The collector, as the rest of the local cloud sees it.

It takes OTLP at its own address, and as an HTTP proxy for ``http://<service>.<namespace>:4318`` where that
is the name of a deployed Cloud Map service: the DNS and the network of a VPC, as far as a job can tell.
"""

from __future__ import annotations

import secrets
import threading
from base64 import b64encode
from collections.abc import Callable

from local_cloud.xray.collector import names
from local_cloud.xray.collector.exporter import Exporter, Put, Translate, translate
from local_cloud.xray.collector.handler import Handler
from local_cloud.xray.collector.listener import Listener
from local_cloud.xray.faults import COLLECTOR_MODES, Fault, FaultSwitch

_POLL_SECONDS = 0.05  # how long stopping may take
_KEPT_MESSAGES = 1000  # of metrics and of logs
_USER = "job"


class Collector:
    """Serves on a free port of the loopback interface until it is closed.

    Parameters
    ----------
    put
        Puts documents into X-Ray and returns those that were not processed.
    is_deployed
        Whether a private DNS name exists.
    translate
        Makes a document of a span.
    upstream
        Names the base URL of a real collector that takes the requests for a path instead.
    secret
        What a sender has to know; None: anyone may send.
    """

    def __init__(
        self,
        *,
        put: Put,
        is_deployed: Callable[[str], bool] = names.is_deployed,
        translate: Translate = translate,
        upstream: Callable[[str], str | None] = lambda path: None,
        secret: str | None = None,
    ) -> None:
        self.exporter = Exporter(put=put, translate=translate)
        self.faults = FaultSwitch(modes=COLLECTOR_MODES)
        self.is_deployed = is_deployed
        self.upstream = upstream
        self._secret = secret
        # Metrics and logs as they came: (path, body).
        self.messages: list[tuple[str, bytes]] = []
        self._lock = threading.Lock()
        self._server: Listener | None = None
        self._port = 0
        self._listen()

    @property
    def url(self) -> str:
        """Where it listens; the port stays the same over a fault."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def proxy(self) -> str:
        """The same with the secret, as HTTP clients take it for a proxy; OTLP itself has no credentials."""
        return self.url if self._secret is None else f"http://{_USER}:{self._secret}@127.0.0.1:{self._port}"

    def knows(self, authorization: str) -> bool:
        """Return whether an authorization (of HTTP, or for a proxy) is the secret, if there is one."""
        if self._secret is None:
            return True
        expected = b64encode(f"{_USER}:{self._secret}".encode()).decode()
        return secrets.compare_digest(authorization.encode(), f"Basic {expected}".encode())

    def set_fault(self, fault: Fault | None) -> None:
        """Switch a fault on, or all off with None.

        Raises
        ------
        ValueError
            There is no such fault mode.
        """
        self.faults.set(fault)
        if self.faults.mode == "down":
            self._stop()
        else:
            self._listen()

    def keep(self, path: str, body: bytes) -> None:
        """Keep a message of metrics or logs; the oldest go."""
        with self._lock:
            self.messages = [*self.messages[1 - _KEPT_MESSAGES :], (path, body)]

    def close(self) -> None:
        """Stop serving and wake what hangs."""
        self.faults.set(None)
        self._stop()

    def _listen(self) -> None:
        with self._lock:
            if self._server is None:
                self._server = Listener(self, self._port, Handler)
                self._port = self._server.server_address[1]
                serve = self._server.serve_forever
                threading.Thread(target=serve, args=(_POLL_SECONDS,), name="collector", daemon=True).start()

    def _stop(self) -> None:
        with self._lock:
            server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.close_connections()
            server.server_close()
