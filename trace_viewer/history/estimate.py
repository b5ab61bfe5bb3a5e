# SPDX-License-Identifier: Apache-2.0
"""How long a step usually takes at a number of rows, and how far it strays from that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

MAD_TO_SIGMA = 1.4826  # of a normal distribution
DIFFERENT_SIZES = 1.5  # largest run over smallest one, from which a slope can be told from noise

Point = tuple[int | None, float]
"""Rows and seconds of a run."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds that a step takes usually, and its spread as a share of them (robust standard deviation)."""

    seconds: float
    spread: float


def estimate(points: Sequence[Point], rows: int | None) -> Estimate:
    """Estimate a step at a number of rows from its earlier runs.

    A step has a fixed part and one for each row. Their line is that of Theil and Sen, the median of the
    slopes between all pairs: up to 29 % of the points may be wild (Sen 1968, J. Am. Stat. Assoc. 63). Where
    rows are unknown it is the median of the seconds. Beyond the sizes seen, what would be longer is believed.

    Example
    -------
    >>> estimate([(100, 2.0), (200, 3.0), (400, 5.0)], 300).seconds
    4.0
    """
    sized = [(count, seconds) for count, seconds in points if count]
    if not rows or len(sized) < len(points):
        return _around([(seconds, median(s for _, s in points)) for _, seconds in points], None)
    fixed, per_row = _line(sized)
    expected = [(seconds, fixed + per_row * count) for count, seconds in sized]
    most, least = max(count for count, _ in sized), min(count for count, _ in sized)
    at = fixed + per_row * rows
    if rows > most or most < least * DIFFERENT_SIZES:
        at = max(at, median(seconds * max(1.0, rows / count) for count, seconds in sized))
    return _around(expected, at)


def _line(sized: Sequence[tuple[int, float]]) -> tuple[float, float]:
    """Return the fixed seconds and those per row, neither below zero."""
    slopes = [(t - s) / (m - n) for (n, s), (m, t) in combinations(sized, 2) if m != n]
    per_row = max(0.0, median(slopes)) if slopes else 0.0
    fixed = median(seconds - per_row * count for count, seconds in sized)
    return (fixed, per_row) if fixed >= 0 else (0.0, median(seconds / count for count, seconds in sized))


def _around(pairs: Sequence[tuple[float, float]], at: float | None) -> Estimate:
    """Return the estimate with the spread of (seconds, expected seconds)."""
    strays = [abs(seconds / expected - 1) for seconds, expected in pairs if expected > 0]
    spread = MAD_TO_SIGMA * median(strays) if strays else 0.0
    return Estimate(pairs[0][1] if at is None else at, spread)
