# SPDX-License-Identifier: Apache-2.0
"""How long a Retry waits (Amazon States Language, "Retrying after an error")."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any


def retry_delay(
    retrier: Mapping[str, Any], retries: int, *, uniform: Callable[[float, float], float] = random.uniform
) -> float:
    """Return the seconds before the next attempt.

    Parameters
    ----------
    retrier
        One element of a state's ``Retry``.
    retries
        How often this retrier has retried already.
    uniform
        Draws the jitter; exchanged in tests.

    Examples
    --------
    >>> retry_delay({"IntervalSeconds": 3, "BackoffRate": 2, "MaxDelaySeconds": 10}, 2)
    10.0
    """
    delay = float(retrier.get("IntervalSeconds", 1)) * float(retrier.get("BackoffRate", 2.0)) ** retries
    if "MaxDelaySeconds" in retrier:
        delay = min(delay, float(retrier["MaxDelaySeconds"]))
    return uniform(0.0, delay) if retrier.get("JitterStrategy") == "FULL" else delay
