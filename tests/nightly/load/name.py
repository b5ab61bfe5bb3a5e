# SPDX-License-Identifier: Apache-2.0
"""One name with several addresses, as Cloud Map answers for a service of several tasks."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

HOST = "collector.otelsolutionstack.internal"
Address = tuple[str, int]


class Name:
    """Resolves ``HOST`` in this process to its addresses, in another order each time (multivalue answers).

    Parameters
    ----------
    addresses
        Host and port of each; the port takes the place of the one that is asked for.
    """

    def __init__(self, addresses: list[Address]) -> None:
        self.addresses = list(addresses)
        self._resolve = socket.getaddrinfo

    @contextmanager
    def known(self) -> Iterator[str]:
        """Resolve the name between ``with`` and its end; yields the endpoint to use."""
        with mock.patch("socket.getaddrinfo", self._look_up):
            yield f"http://{HOST}:4318"

    def _look_up(self, host: Any, port: Any, *more: Any, **options: Any) -> list[Any]:
        if host != HOST:
            return self._resolve(host, port, *more, **options)
        known = random.sample(self.addresses, len(self.addresses))
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in known]


@contextmanager
def silent_address() -> Iterator[Address]:
    """Listen and never answer, as the address of a task whose interface is gone."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as server:
        yield server.getsockname()
