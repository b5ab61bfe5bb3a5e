# SPDX-License-Identifier: Apache-2.0
"""What somebody else on the machine tries: plain HTTP, and a look around as another user."""

from __future__ import annotations

import base64
import encodings.idna  # noqa: F401 - another user may not be able to read it when it is needed
import http.client
import io
import json
import multiprocessing
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

NOBODY = 65534  # the user and the group that every Linux has

Call = tuple[str, str]  # path and body of a POST


def calls(mark: Path) -> list[Call]:
    """Create a function that writes a file, and invoke it: it runs as the user of the cloud."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as code:
        source = f"def handler(event, context): open({str(mark)!r}, 'w').close(); return 'ran'"
        code.writestr("index.py", source)
    function = {
        "FunctionName": "theirs",
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Role": "arn:aws:iam::000000000000:role/any",
        "Code": {"ZipFile": base64.b64encode(archive.getvalue()).decode()},
    }
    functions = "/2015-03-31/functions"
    return [(functions, json.dumps(function)), (f"{functions}/theirs/invocations", "{}")]


def post(address: str, path: str, body: str, headers: dict[str, str] | None = None) -> int:
    """The status of the answer to a POST."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    try:
        connection.request("POST", path, body, headers or {})
        return connection.getresponse().status
    finally:
        connection.close()


def get(address: str) -> int:
    """The status of the answer to a GET."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status
    finally:
        connection.close()


def as_nobody(task: Callable[..., Any], *arguments: Any) -> Any:
    """What a function returns that runs as another user of this machine; only root can become one."""
    context = multiprocessing.get_context("fork")
    with context.Pool(1, initializer=_become_nobody) as pool:
        return pool.apply(task, arguments)


def _become_nobody() -> None:
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def readable(secret: str, processes: list[int], places: list[Path]) -> list[str]:
    """Where a user finds a secret: command lines and environments of processes, files below places."""
    found = []
    for file in [Path(f"/proc/{pid}/{name}") for pid in processes for name in ("cmdline", "environ")]:
        if secret in _text(file):
            found.append(str(file))
    below = [Path(root, file) for place in places for root, _, files in os.walk(place) for file in files]
    return found + [str(file) for file in below if secret in _text(file)]


def _text(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except OSError:  # not for others, or gone
        return ""


def listening() -> list[str]:
    """The addresses of every port of the loopback interface, as every user sees them in /proc."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    ends = [line.split()[1] for line in lines if line.split()[3] == "0A"]  # state LISTEN
    return [f"http://127.0.0.1:{int(end[9:], 16)}" for end in ends if end.startswith("0100007F")]
