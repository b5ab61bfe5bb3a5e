# SPDX-License-Identifier: Apache-2.0
"""Times of Python functions by a worker's clock that is not the driver's."""

from __future__ import annotations

import pytest

from xray_helper.spark.python_functions.records import Measured, Record

S = 10**9
SINCE_NS, CAME_NS = 1_000 * S, 1_020 * S
HOUR_NS = 3_600 * S


def record(start_ns: int, end_ns: int) -> Record:
    return Record(0, 1, 2, 3, 0, "host", 99, start_ns, end_ns, 1, 10, S)


@pytest.mark.parametrize("ahead_ns", [HOUR_NS, -HOUR_NS, 2 * S])
def test_times_that_cannot_be_end_when_the_record_came(ahead_ns: int) -> None:
    true = record(1_008 * S, 1_019 * S)
    told = record(true.start_ns + ahead_ns, true.end_ns + ahead_ns)

    placed = told.placed(since_ns=SINCE_NS, came_ns=CAME_NS)

    assert (placed.start_ns, placed.end_ns) == (1_009 * S, CAME_NS)
    assert placed.ahead_ns == ahead_ns - S  # the second between its end and its arrival is nobody's fault


@pytest.mark.parametrize("times_ns", [(SINCE_NS, CAME_NS), (1_001 * S, 1_002 * S)])
def test_times_within_the_job_stay(times_ns: tuple[int, int]) -> None:
    told = record(*times_ns)

    assert told.placed(since_ns=SINCE_NS, came_ns=CAME_NS) == told


def test_only_a_clock_that_is_off_is_told() -> None:
    measured = Measured(len, "len", "row", None)
    right, wrong = record(1_001 * S, 1_002 * S), record(1_001 * S, CAME_NS + HOUR_NS)

    told = [
        measured.attributes(one.placed(since_ns=SINCE_NS, came_ns=CAME_NS))[
            "spark.python.worker.clock_ahead_ms"
        ]
        for one in (right, wrong)
    ]
    assert told == [None, HOUR_NS // 10**6]
