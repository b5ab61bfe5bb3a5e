# SPDX-License-Identifier: Apache-2.0
"""Long answers of the JVM without the pause that they have by default.

py4j writes an answer to its socket 8 KB at a time. The second piece waits until the first is acknowledged
(Nagle's algorithm, RFC 896), and the receiver's kernel delays that by 40 ms, hoping for something to send
with it (RFC 1122, 4.2.3.2). ``TCP_QUICKACK`` of Linux sends what is delayed (man 7 tcp).
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from typing import Any, Final

_QUICK: Final[int | None] = getattr(socket, "TCP_QUICKACK", None)


@contextlib.contextmanager
def prompt_answers(client: Any) -> Iterator[None]:
    """Read what this thread's connection answers within a block promptly, where that can be had.

    Parameters
    ----------
    client
        py4j's client; it has a connection for each thread unless ``PYSPARK_PIN_THREAD`` is off.
    """
    find = getattr(client, "get_thread_connection", None)
    connection: Any = find() if find is not None else None
    stream = getattr(connection, "stream", None)
    if _QUICK is None or stream is None or not hasattr(stream, "peek"):
        yield
        return
    connection.stream = PromptStream(stream, connection.socket)
    try:
        yield
    finally:
        if isinstance(connection.stream, PromptStream):  # else it was closed, or made anew
            connection.stream = stream


class PromptStream:
    """A connection's stream; acknowledges each piece of a line when it is there."""

    def __init__(self, stream: Any, connected: socket.socket) -> None:
        self._stream, self._socket = stream, connected

    def readline(self) -> bytes:
        """Read one line; never a byte more."""
        pieces: list[bytes] = []
        while True:
            piece: bytes = self._stream.peek(1)
            if not piece or b"\n" in piece:
                return b"".join([*pieces, self._stream.readline()])
            pieces.append(self._stream.read(len(piece)))
            self._acknowledge()

    def _acknowledge(self) -> None:
        with contextlib.suppress(OSError):  # not TCP: then there is nothing to wait for
            self._socket.setsockopt(socket.IPPROTO_TCP, _QUICK or 0, 1)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
