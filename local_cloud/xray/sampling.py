# SPDX-License-Identifier: Apache-2.0
"""Sampling: the decision of a service that receives no decision, and the default rule as the API shows it."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable
from typing import Any

# "all" traces everything; "aws" is the service's default rule: one request a second, and 5 % of the others
# (https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html).
SAMPLING_VARIABLE = "LOCAL_CLOUD_XRAY_SAMPLING"
FIXED_RATE = 0.05
RESERVOIR_PER_SECOND = 1
_TARGET_INTERVAL_SECONDS = 10
_BEGINNING_OF_TIME = 0.0


class Sampler:
    """Decides whether a new trace is recorded; safe to use from many threads.

    Parameters
    ----------
    clock
        Seconds.
    chance
        Random number in [0, 1).
    """

    def __init__(
        self, *, clock: Callable[[], float] = time.time, chance: Callable[[], float] = random.random
    ) -> None:
        self._clock = clock
        self._chance = chance
        self._lock = threading.Lock()
        self._second = -1

    def decide(self) -> bool:
        """Return the decision for one request."""
        if os.environ.get(SAMPLING_VARIABLE, "all") != "aws":
            return True
        with self._lock:
            second = int(self._clock())
            if second != self._second:
                self._second = second
                return True
        return self._chance() < FIXED_RATE


def get_sampling_rules(_request: dict[str, Any]) -> dict[str, Any]:
    """GetSamplingRules: the default rule, which every account has."""
    rule = {
        "RuleName": "Default",
        "ResourceARN": "*",
        "Priority": 10000 - 1,  # the service shows 10000, its own model allows 9999
        "FixedRate": _rate(),
        "ReservoirSize": RESERVOIR_PER_SECOND,
        "ServiceName": "*",
        "ServiceType": "*",
        "Host": "*",
        "HTTPMethod": "*",
        "URLPath": "*",
        "Version": 1,
        "Attributes": {},
    }
    record = {"SamplingRule": rule, "CreatedAt": _BEGINNING_OF_TIME, "ModifiedAt": _BEGINNING_OF_TIME}
    return {"SamplingRuleRecords": [record]}


def get_sampling_targets(request: dict[str, Any]) -> dict[str, Any]:
    """GetSamplingTargets: the default rule's quota for each client that asks."""
    asked = [document.get("RuleName") for document in request.get("SamplingStatisticsDocuments", [])]
    now = time.time()
    return {
        "SamplingTargetDocuments": [
            {
                "RuleName": "Default",
                "FixedRate": _rate(),
                "ReservoirQuota": RESERVOIR_PER_SECOND,
                "ReservoirQuotaTTL": now + _TARGET_INTERVAL_SECONDS,
                "Interval": _TARGET_INTERVAL_SECONDS,
            }
            for name in asked
            if name == "Default"
        ],
        "LastRuleModification": _BEGINNING_OF_TIME,
        "UnprocessedStatistics": [
            {"RuleName": str(name), "ErrorCode": "400", "Message": "Unknown rule"}
            for name in asked
            if name != "Default"
        ],
    }


def _rate() -> float:
    return FIXED_RATE if os.environ.get(SAMPLING_VARIABLE, "all") == "aws" else 1.0
