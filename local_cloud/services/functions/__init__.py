# SPDX-License-Identifier: Apache-2.0
"""Lambda functions in clean processes, with the service's queue for asynchronous events."""

from __future__ import annotations

from pathlib import Path

from local_cloud.services.functions import runtime
from local_cloud.services.functions.events import EventQueue

__all__ = ["install"]


def install(directory: Path) -> EventQueue:
    """Extend ministack's Lambda; the result is to be closed."""
    runtime.install(directory)
    queue = EventQueue()
    queue.install()
    return queue
