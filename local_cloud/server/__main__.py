# SPDX-License-Identifier: Apache-2.0
"""The cloud in one process: ministack, extended by our modules, on a port that the system chooses."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import resource
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from local_cloud.environment import TOKEN_VARIABLE
from local_cloud.processes import die_with_parent
from local_cloud.server import extensions, guard
from local_cloud.services import cloudformation

_log = logging.getLogger("local_cloud.server")
_SHUTDOWN_TIMEOUT = 2.0  # seconds for requests that are being answered when the cloud stops


def main(arguments: list[str]) -> int:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--ready-fd", type=int, required=True)
    parser.add_argument("--glue-home", type=Path, required=True)
    options = parser.parse_args(arguments)
    die_with_parent()
    _raise_file_limit()
    listener = _listen()
    host, port = listener.getsockname()
    endpoint = f"http://{host}:{port}"
    os.environ["GATEWAY_PORT"] = str(port)  # ministack reads its settings when it is imported
    os.environ["AWS_ENDPOINT_URL"] = endpoint
    installed = extensions.install(
        endpoint=endpoint, directory=options.directory, glue_home=options.glue_home
    )
    token = os.environ[TOKEN_VARIABLE]
    guard.sign_addresses(token)
    try:
        announce = lambda: _announce(options.ready_fd, {"endpoint": endpoint})  # noqa: E731
        asyncio.run(_serve(listener, token, announce))
    finally:
        installed.close()
    # Service loops are daemon threads that wait forever; the supervisor collects the processes they started
    os._exit(0)


def _listen() -> socket.socket:
    """Return a listening socket on a free loopback port, so that no port can be taken twice."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    listener.listen(1024)
    return listener


def _raise_file_limit() -> None:
    """Allow as many open files as the system does: a burst of uploads takes a socket each."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _serve(listener: socket.socket, token: str, announce: Any) -> None:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack.app import app

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = _SHUTDOWN_TIMEOUT
    config.backlog = 1024

    async def announcing(scope: Any, receive: Any, send: Any) -> None:
        async def watch(message: Any) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                announce()
                asyncio.get_running_loop().run_in_executor(None, cloudformation.install)

        await app(scope, receive, watch if scope["type"] == "lifespan" else send)

    guarded = guard.Guard(announcing, port=listener.getsockname()[1], token=token)
    await serve(guarded, config, shutdown_trigger=stop.wait)


def _announce(ready_fd: int, message: dict[str, Any]) -> None:
    os.write(ready_fd, json.dumps(message).encode() + b"\n")
    os.close(ready_fd)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
