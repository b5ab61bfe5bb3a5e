# SPDX-License-Identifier: Apache-2.0
"""Answers in pieces, from a server that writes as py4j's does: 8 KB at a time, under Nagle's algorithm."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from xray_helper.spark.status_store.prompt_answers import prompt_answers

PIECE = 8_192
ANSWERS = 10
DELAY_S = 0.04  # of an acknowledgement, in Linux


class Connection(SimpleNamespace):
    """As much of py4j's connection as is used."""

    def ask(self, size: int) -> bytes:
        self.socket.sendall(f"{size}\n".encode())
        line: bytes = self.stream.readline()
        return line


@pytest.fixture
def connection() -> Iterator[Connection]:
    """A connection to a server that answers a number with a line of so many bytes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer, args=(server,), daemon=True)
        thread.start()
        with socket.create_connection(server.getsockname()) as connected, connected.makefile("rb") as stream:
            yield Connection(socket=connected, stream=stream)
        thread.join(10)


def answer(server: socket.socket) -> None:
    accepted, _ = server.accept()
    with accepted, accepted.makefile("rb") as requests:
        for line in requests:
            text = b"x" * (int(line) - 1) + b"\n"
            for start in range(0, len(text), PIECE):
                accepted.sendall(text[start : start + PIECE])


def client(connection: Connection | None) -> Any:
    return SimpleNamespace(get_thread_connection=lambda: connection)


@pytest.mark.skipif(not hasattr(socket, "TCP_QUICKACK"), reason="an option of Linux")
def test_long_answers_do_not_wait_for_a_delayed_acknowledgement(connection: Connection) -> None:
    with prompt_answers(client(connection)):
        assert connection.ask(10) == b"x" * 9 + b"\n"  # the connection is not new any more
        started = time.perf_counter()
        for _ in range(ANSWERS):
            assert len(connection.ask(20_000)) == 20_000
        took_s = time.perf_counter() - started
    assert took_s < ANSWERS * DELAY_S / 2


@pytest.mark.parametrize("size", [1, 2, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 300_000])
def test_an_answer_of_any_length_is_read_whole_and_nothing_behind_it(
    connection: Connection, size: int
) -> None:
    with prompt_answers(client(connection)):
        connection.socket.sendall(b"5\n")  # a second answer stands behind it
        assert [len(connection.stream.readline()), len(connection.ask(size))] == [5, size]
    connection.socket.sendall(f"{size}\n7\n".encode())
    with prompt_answers(client(connection)):
        first = connection.stream.readline()
    assert [len(first), len(connection.stream.readline())] == [size, 7]


def test_the_connection_is_left_as_it_was(connection: Connection) -> None:
    stream = connection.stream
    with pytest.raises(KeyError), prompt_answers(client(connection)):
        raise KeyError
    assert connection.stream is stream


def test_without_a_connection_of_its_own_a_thread_reads_as_ever() -> None:
    with prompt_answers(client(None)):
        pass
    with prompt_answers(SimpleNamespace()):  # PYSPARK_PIN_THREAD=false
        pass
