# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from local_cloud.services.stepfunctions.retry import retry_delay


@pytest.mark.parametrize(
    ("retrier", "retries", "seconds"),
    [
        ({}, 0, 1.0),
        ({}, 2, 4.0),
        ({"IntervalSeconds": 3, "BackoffRate": 1.5}, 0, 3.0),
        ({"IntervalSeconds": 3, "BackoffRate": 1.5}, 2, 6.75),
        ({"IntervalSeconds": 10, "MaxDelaySeconds": 15}, 1, 15.0),
    ],
)
def test_the_delay_grows_up_to_its_limit(retrier: dict[str, object], retries: int, seconds: float) -> None:
    assert retry_delay(retrier, retries) == seconds


def test_full_jitter_draws_between_nothing_and_the_delay() -> None:
    drawn: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        drawn.append((low, high))
        return 0.25

    retrier = {"IntervalSeconds": 4, "MaxDelaySeconds": 5, "JitterStrategy": "FULL"}
    assert retry_delay(retrier, 1, uniform=uniform) == 0.25
    assert drawn == [(0.0, 5.0)]
