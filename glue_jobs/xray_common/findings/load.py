# SPDX-License-Identifier: Apache-2.0
"""How much ran at the same time, asked of thousands of intervals thousands of times."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate


class Load:
    """Intervals, start and end in seconds, that may overlap.

    Examples
    --------
    >>> Load([(0, 10), (5, 15)]).seconds(4, 11)
    12.0
    """

    def __init__(self, intervals: Iterable[tuple[float, float]]) -> None:
        known = [(start, max(start, end)) for start, end in intervals]
        self._zero = min((start for start, _ in known), default=0.0)  # sums of epoch times lose milliseconds
        self._starts = _Ramp(start - self._zero for start, _ in known)
        self._ends = _Ramp(end - self._zero for _, end in known)

    def seconds(self, start: float, end: float) -> float:
        """Return the seconds of all intervals together within start..end."""
        return self._until(end) - self._until(start)

    def _until(self, moment: float) -> float:
        return self._starts.at(moment - self._zero) - self._ends.at(moment - self._zero)


class _Ramp:
    """The sum of the time since each moment that has passed."""

    def __init__(self, moments: Iterable[float]) -> None:
        self._moments = sorted(moments)
        self._sums = [0.0, *accumulate(self._moments)]

    def at(self, moment: float) -> float:
        passed = bisect_left(self._moments, moment)
        return passed * moment - self._sums[passed]
