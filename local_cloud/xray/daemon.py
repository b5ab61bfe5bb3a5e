# SPDX-License-Identifier: Apache-2.0
"""The X-Ray daemon: takes documents by UDP, as the X-Ray SDKs send them.

A datagram is a header line ``{"format": "json", "version": 1}`` and one document
(https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-daemon).
"""

from __future__ import annotations

import json
import logging
import socket
import threading

from local_cloud.xray.traces.store import TraceStore

_log = logging.getLogger(__name__)
_MAX_DATAGRAM_BYTES = 65_535
_BUFFER_BYTES = 8 * 1024 * 1024  # a burst of invocations must not lose datagrams


class Daemon:
    """Listens on a free UDP port of the loopback interface until it is closed.

    Parameters
    ----------
    store
        Where the documents go.
    """

    def __init__(self, *, store: TraceStore) -> None:
        self._store = store
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        self._socket.bind(("127.0.0.1", 0))
        self.address = "{}:{}".format(*self._socket.getsockname())
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._receive, name="xray-daemon", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening; a second call does nothing."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._socket.sendto(b"", self._socket.getsockname())  # wakes the thread
        self._thread.join(timeout=1.0)
        self._socket.close()

    def _receive(self) -> None:
        while True:
            datagram = self._socket.recv(_MAX_DATAGRAM_BYTES)
            if self._closing.is_set():
                return
            self._take(datagram)

    def _take(self, datagram: bytes) -> None:
        header, _, document = datagram.partition(b"\n")
        try:
            valid = json.loads(header) == {"format": "json", "version": 1}
            text = document.decode()
        except ValueError:
            valid = False
        if not valid:
            _log.warning("X-Ray daemon: a datagram without the header line was dropped.")
            return
        for reason in self._store.put([text]):
            _log.warning("X-Ray daemon: unprocessed segment %s: %s", reason.id, reason.message)
