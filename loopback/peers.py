# SPDX-License-Identifier: Apache-2.0
"""Whose process is at the other end of a connection within this machine.

Source: proc_net_tcp.txt of the Linux kernel's documentation.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path

_TABLE = Path("/proc/net/tcp")
_LOCAL, _REMOTE, _UID = 1, 2, 7  # columns
_ROOT = 0

Address = tuple[str, int]


def is_foreign_user(client: Address, server: Address) -> bool:
    """Return whether the client runs as another user than this process; root is everyone, unknown is nobody.

    Parameters
    ----------
    client, server
        IPv4 address and port of both ends, from the server's view.
    """
    uid = _owner(client, server)
    return uid is not None and uid not in (_ROOT, os.geteuid())


def _owner(client: Address, server: Address) -> int | None:
    """Return the user id of a socket; None where there is no such table, as on macOS."""
    try:
        lines = _TABLE.read_text().splitlines()[1:]
    except OSError:
        return None
    ends = [_in_table(client), _in_table(server)]
    rows = (line.split() for line in lines)
    return next((int(row[_UID]) for row in rows if [row[_LOCAL], row[_REMOTE]] == ends), None)


def _in_table(address: Address) -> str:
    """Write an address as the kernel does: the bytes in the machine's order, which is little-endian here."""
    host, port = address
    return f"{socket.inet_aton(host)[::-1].hex().upper()}:{port:04X}"
