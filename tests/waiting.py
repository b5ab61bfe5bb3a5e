# SPDX-License-Identifier: Apache-2.0
"""Waiting for states that AWS itself only lets one ask for."""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from typing import Any

Client = Callable[[str], Any]
TERMINAL = {"SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR"}
_PAUSE = 0.05  # seconds


def wait_until(condition: Callable[[], Any], *, seconds: float = 60.0) -> Any:
    """Ask until the answer is true, and return it."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        select.select([], [], [], _PAUSE)
    return answer
