# SPDX-License-Identifier: Apache-2.0
"""``trap.py FILE COMMAND...``: run a command where each address is this machine; write down whom it calls.

To be run in a network namespace of its own (``unshare --net --map-root-user``): nothing is outside, and a
route makes each address local. Names are answered with an address of documentation (RFC 5737), so that a call
gets as far as a connection. FILE gets the names and the connections as JSON.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from pathlib import Path

PORTS = (80, 443)  # of AWS's endpoints, and of the metadata of instances and containers
NOWHERE = socket.inet_aton("192.0.2.1")
_ROUTES = (["link", "set", "lo", "up"], ["route", "add", "local", "default", "dev", "lo"])


def main(file: Path, command: list[str]) -> int:
    """Return the exit code of the command."""
    for route in _ROUTES:
        subprocess.run(["ip", *route], check=True)
    caught: list[str] = []
    names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    names.bind(("0.0.0.0", 53))
    _start(_resolve, names, caught)
    for port in PORTS:
        _start(_accept, socket.create_server(("0.0.0.0", port)), caught)
    code = subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode
    file.write_text(json.dumps(caught))
    return code


def _start(serve: object, *arguments: object) -> None:
    threading.Thread(target=serve, args=arguments, daemon=True).start()  # type: ignore[arg-type]


def _resolve(server: socket.socket, caught: list[str]) -> None:
    while True:
        query, asker = server.recvfrom(512)
        name, position = [], 12  # after the header: labels with their lengths, type, class (RFC 1035)
        while length := query[position]:
            name.append(query[position + 1 : position + 1 + length].decode(errors="replace"))
            position += 1 + length
        caught.append(f"name {'.'.join(name)}")
        question, is_ipv4 = query[12 : position + 5], query[position + 1 : position + 3] == b"\0\1"
        answer = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\x04" + NOWHERE if is_ipv4 else b""
        counts = b"\0\1" + (b"\0\1" if is_ipv4 else b"\0\0") + b"\0\0\0\0"
        server.sendto(query[:2] + b"\x81\x80" + counts + question + answer, asker)


def _accept(server: socket.socket, caught: list[str]) -> None:
    while True:
        connection, _ = server.accept()
        with connection:
            address, port = connection.getsockname()
            caught.append(f"connection to {address}:{port}")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
