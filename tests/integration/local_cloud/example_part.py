# SPDX-License-Identifier: Apache-2.0
"""An optional part as small as can be: a service that answers with the path of each request."""

from __future__ import annotations

from typing import Any

from local_cloud.emulator import Response
from local_cloud.server.parts import Host


def install(host: Host) -> None:
    host.add_service("echo", _answer)
    host.add_resource_types("tests.integration.local_cloud.example_types")
    host.closing.callback(lambda: (host.directory.parent / "example-part-closed").touch())


async def _answer(method: str, path: str, headers: dict[str, str], body: bytes, query: Any) -> Response:
    return 200, {}, path.encode()
