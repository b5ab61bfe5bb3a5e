# SPDX-License-Identifier: Apache-2.0
"""Intervals of time that overlap."""

from __future__ import annotations

from collections.abc import Iterable

Interval = tuple[float, float]
"""Start and end, in seconds."""


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """Join overlapping intervals; the result is sorted and free of overlaps.

    Examples
    --------
    >>> union([(5, 7), (0, 2), (1, 3)])
    [(0, 3), (5, 7)]
    """
    joined: list[Interval] = []
    for start, end in sorted(intervals):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined
