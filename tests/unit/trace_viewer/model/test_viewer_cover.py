# SPDX-License-Identifier: Apache-2.0
"""What intervals cover together, against seconds that are counted one by one."""

from __future__ import annotations

import random
import time

from tests.unit.trace_viewer.documents import as_trace, relay
from trace_viewer.model.cover import Cover


def covered(cover: Cover, start: int, end: int) -> set[int]:
    """Return the whole seconds of start..end that are not in a gap; the second 7 is 7..8."""
    free = {second for left, right in cover.gaps(start, end) for second in range(int(left), int(right))}
    return set(range(start, end)) - free


def test_a_second_is_covered_when_an_interval_covers_it() -> None:
    draw = random.Random(19)  # noqa: S311 - the same each time
    for _ in range(300):
        intervals = [(start, start + draw.randint(-2, 9)) for start in draw.sample(range(60), 12)]
        parts = [Cover(), Cover()]
        for number, interval in enumerate(intervals):
            parts[number % 3 == 0].add(*interval)
        both = parts[0].joined(parts[1])
        truth = {second for start, end in intervals for second in range(start, end)}
        start = draw.randint(0, 40)

        assert covered(both, start, start + 25) == truth & set(range(start, start + 25))
        assert both.gaps(start, start) == []


def test_work_grows_with_the_segments_of_a_relay() -> None:
    """Each of 8,000 starts the next one when it is over: below the first one all others are covered."""
    trace = as_trace(*relay(8_000))
    before = time.process_time()
    tree = trace.tree
    took = time.process_time() - before

    assert sum(end - start for start, end in tree.root.self_intervals) == 9 * 8_000 - 7_999
    assert took < 4  # squared, it is 32 million intervals: half a minute
