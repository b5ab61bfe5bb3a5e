# SPDX-License-Identifier: Apache-2.0
"""The time that intervals cover together, which grows from the bottom of a trace to its top."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from xray_common.intervals import Interval


class Cover:
    """Intervals in seconds, joined where they overlap or touch.

    To add one takes a search, and one cover takes in another by the smaller of the two: what hangs below
    20,000 segments, each started by the one before, is added up once, not once for each.

    Example
    -------
    >>> cover = Cover()
    >>> for interval in [(5, 7), (0, 2), (1, 3)]:
    ...     cover.add(*interval)
    >>> cover.gaps(1, 9)
    [(3, 5), (7, 9)]
    """

    def __init__(self) -> None:
        self._starts: list[float] = []
        self._ends: list[float] = []

    def __len__(self) -> int:
        return len(self._starts)

    def add(self, start: float, end: float) -> None:
        """Add an interval; one that ends before it starts covers nothing."""
        if end < start:
            return
        first, last = bisect_left(self._ends, start), bisect_right(self._starts, end)
        if first < last:
            start, end = min(start, self._starts[first]), max(end, self._ends[last - 1])
        self._starts[first:last] = [start]
        self._ends[first:last] = [end]

    def joined(self, other: Cover) -> Cover:
        """Return the cover of both; neither is to be used any more."""
        small, large = sorted((self, other), key=len)
        for start, end in zip(small._starts, small._ends, strict=True):
            large.add(start, end)
        return large

    def gaps(self, start: float, end: float) -> list[Interval]:
        """Return the parts of start..end that are not covered."""
        free: list[Interval] = []
        cursor, number = start, bisect_right(self._ends, start)
        while cursor < end and number < len(self):
            if self._starts[number] > cursor:
                free.append((cursor, min(self._starts[number], end)))
            cursor = max(cursor, self._ends[number])
            number += 1
        if cursor < end:
            free.append((cursor, end))
        return free
