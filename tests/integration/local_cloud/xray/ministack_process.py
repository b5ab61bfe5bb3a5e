# SPDX-License-Identifier: Apache-2.0
"""A ministack with X-Ray in a process of its own: prints its endpoint as JSON, ends when stdin closes."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import threading
from typing import Any


async def _serve(listener: socket.socket, announcement: str) -> None:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack.app import app

    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.accesslog = None
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    threading.Thread(
        target=lambda: (sys.stdin.read(), loop.call_soon_threadsafe(stop.set)), daemon=True
    ).start()

    async def announcing(scope: Any, receive: Any, send: Any) -> None:
        async def watch(message: Any) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                print(announcement, flush=True)

        await app(scope, receive, watch if scope["type"] == "lifespan" else send)

    await serve(announcing, config, shutdown_trigger=stop.wait)


def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    endpoint = f"http://127.0.0.1:{listener.getsockname()[1]}"
    os.environ.update(
        GATEWAY_PORT=str(listener.getsockname()[1]),
        AWS_ENDPOINT_URL=endpoint,
        IOT_MTLS_ENABLED="0",
        LOG_LEVEL="WARNING",
    )
    from local_cloud import xray

    local = xray.install()
    asyncio.run(_serve(listener, json.dumps({"endpoint": endpoint, "collector": local.collector.proxy})))
    local.close()
    os._exit(0)


if __name__ == "__main__":
    main()
