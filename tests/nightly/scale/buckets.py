# SPDX-License-Identifier: Apache-2.0
"""A token bucket in simulated time."""

from __future__ import annotations

import simpy


class TokenBucket:
    """Holds ``size`` tokens at most and gets ``rate`` new ones a second.

    Examples
    --------
    >>> bucket = TokenBucket(simpy.Environment(), size=2, rate=1)
    >>> bucket.take(), bucket.take(), bucket.take()
    (True, True, False)
    """

    def __init__(self, env: simpy.Environment, *, size: float, rate: float) -> None:
        self._env, self._size, self._rate = env, size, rate
        self._tokens, self._seen = size, env.now

    def take(self, number: float = 1) -> bool:
        """Take tokens now, all or none."""
        if self.seconds_until(number) > 0:
            return False
        self._tokens -= number
        return True

    def seconds_until(self, number: float) -> float:
        """Return how long it takes until so many tokens are there, if nobody else takes any."""
        self._tokens = min(self._size, self._tokens + (self._env.now - self._seen) * self._rate)
        self._seen = self._env.now
        return max(0.0, (number - self._tokens) / self._rate)
