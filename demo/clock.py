# SPDX-License-Identifier: Apache-2.0
"""How long each part took, in seconds, for the summary."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stopwatch:
    """Seconds by part.

    Example
    -------
    >>> watch = Stopwatch()
    >>> with watch.part("deploy"):
    ...     pass
    >>> list(watch.seconds)
    ['deploy']
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Add the time that the block takes, also when it fails."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = round(self.seconds.get(name, 0.0) + time.monotonic() - started, 1)
