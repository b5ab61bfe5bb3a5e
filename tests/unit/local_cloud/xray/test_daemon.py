# SPDX-License-Identifier: Apache-2.0
"""The UDP listener, with real sockets."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest

from local_cloud.xray.daemon import Daemon
from local_cloud.xray.traces.store import TraceStore

from .samples import TRACE, segment
from .support import eventually

_HEADER = b'{"format": "json", "version": 1}\n'


@pytest.fixture
def store() -> TraceStore:
    return TraceStore()


@pytest.fixture
def daemon(store: TraceStore) -> Iterator[Daemon]:
    daemon = Daemon(store=store)
    yield daemon
    daemon.close()


def send(daemon: Daemon, *datagrams: bytes) -> None:
    host, port = daemon.address.split(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for datagram in datagrams:
            sender.sendto(datagram, (host, int(port)))


def test_a_burst_of_documents_arrives(daemon: Daemon, store: TraceStore) -> None:
    send(daemon, *(_HEADER + json.dumps(segment(f"{number:016x}")).encode() for number in range(200)))

    def all_there() -> bool:
        trace = store.trace(TRACE)
        return trace is not None and len(trace.segments) == 200

    assert eventually(all_there)


def test_what_cannot_be_read_is_dropped_and_the_next_one_taken(daemon: Daemon, store: TraceStore) -> None:
    document = json.dumps(segment()).encode()
    send(
        daemon,
        document,  # no header line
        b'{"format": "xml", "version": 1}\n' + document,
        _HEADER + b"{",
        _HEADER + b"\xff\xfe",
        b"",
        _HEADER + json.dumps(segment(name="valid")).encode(),
    )
    trace = eventually(lambda: store.trace(TRACE))
    assert [found["name"] for found in trace.segments] == ["valid"]


def test_a_closed_daemon_frees_its_port(daemon: Daemon) -> None:
    host, port = daemon.address.split(":")
    daemon.close()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((host, int(port)))
