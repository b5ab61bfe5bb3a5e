# SPDX-License-Identifier: Apache-2.0
"""The library's request to a name of several addresses, of which one is dead."""

from __future__ import annotations

import socket
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

import pytest

from local_cloud.xray.collector.process import free_ports
from tests.nightly.load.jobs import spans
from tests.nightly.load.name import HOST, Name, silent_address
from tests.serving import Serving
from xray_helper.export.otlp import send_to_collector


class Collector(BaseHTTPRequestHandler):
    """Takes every request."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Write no access log."""


@pytest.fixture
def in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer with the addresses as they are given: the first one is asked first."""
    monkeypatch.setattr("random.sample", lambda addresses, k: list(addresses))


@pytest.mark.usefixtures("in_order")
def test_a_refused_connection_goes_to_the_other_address_in_the_same_request() -> None:
    dead = ("127.0.0.1", free_ports(1)[0])
    with Serving(Collector) as collector:
        alive = ("127.0.0.1", urlsplit(collector.url).port or 0)
        with Name([dead, alive]).known() as endpoint:
            assert send_to_collector(spans("refused"), endpoint=endpoint, seconds=2.0).accepted
        with Name([dead]).known() as endpoint:
            assert not send_to_collector(spans("alone"), endpoint=endpoint, seconds=0.5).accepted


@pytest.mark.usefixtures("in_order")
def test_a_silent_address_costs_the_time_and_is_said() -> None:
    with Serving(Collector) as collector, silent_address() as silent:
        alive = ("127.0.0.1", urlsplit(collector.url).port or 0)
        with Name([silent, alive]).known() as endpoint:
            sent = send_to_collector(spans("silent"), endpoint=endpoint, seconds=0.5)
    assert not sent.accepted
    assert HOST in sent.error


def test_other_names_resolve_as_ever() -> None:
    with Name([("127.0.0.1", 1)]).known():
        assert socket.getaddrinfo("127.0.0.1", 80)[0][4] == ("127.0.0.1", 80)
