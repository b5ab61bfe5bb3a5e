# SPDX-License-Identifier: Apache-2.0
"""What became of simulated uploads and their spans: each is counted once."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Outcome:
    """Counts and times of a simulation.

    Attributes
    ----------
    runs
        By fate: ``succeeded``, ``timed_out`` (in Glue's queue), ``no_address``, ``dead_letter``.
    spans
        By way: ``collector``, ``x-ray`` (directly), ``file``.
    retried_events
        How often Lambda tried an event again.
    segments
        Taken by X-Ray from the jobs, by second.
    started_s, waited_s
        Seconds from upload to StartExecution, and in front of the clean job, of each run that got there.
    last_s
        When the last run ended.
    """

    runs: Counter[str] = field(default_factory=Counter)
    spans: Counter[str] = field(default_factory=Counter)
    retried_events: int = 0
    segments: Counter[int] = field(default_factory=Counter)
    started_s: list[float] = field(default_factory=list)
    waited_s: list[float] = field(default_factory=list)
    last_s: float = 0.0

    @property
    def peak_segments(self) -> int:
        """The most that X-Ray took in a second."""
        return max(self.segments.values(), default=0)


def median(values: list[float]) -> float:
    """Return the median, 0 of nothing."""
    return statistics.median(values) if values else 0.0
