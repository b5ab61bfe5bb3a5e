# SPDX-License-Identifier: Apache-2.0
"""The clock of the rules that depend on time, which a test may move.

At the cloud's endpoint, see ``local_cloud.control``::

    POST /_local_cloud/clock   {"advance_seconds": 600}
         {"offset_seconds": 600.0}
"""

from __future__ import annotations

import json
import time
from typing import Any

from local_cloud.emulator import Response, wrap

PATH = "/_local_cloud/clock"


class Clock:
    """Seconds since the epoch, plus what it was advanced by."""

    def __init__(self) -> None:
        self._offset_s = 0.0

    def now(self) -> float:
        """Return the time in seconds."""
        return time.time() + self._offset_s

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        self._offset_s += seconds

    def install(self, app: Any) -> None:
        """Answer at the module's own path."""
        wrap(app, "_handle_post_body_shortcuts", self._around_request)

    async def _around_request(
        self, original: Any, method: str, path: str, headers: Any, body: bytes, *rest: Any
    ) -> Response | None:
        if path != PATH:
            answer: Response | None = await original(method, path, headers, body, *rest)
            return answer
        if method == "POST":
            self.advance(float(json.loads(body)["advance_seconds"]))
        content = json.dumps({"offset_seconds": self._offset_s}).encode()
        return 200, {"Content-Type": "application/json"}, content
