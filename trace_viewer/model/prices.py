# SPDX-License-Identifier: Apache-2.0
"""What AWS charges, in US dollars: list prices, without taxes, free tiers and agreements.

Sources, see docs/cost.md: https://aws.amazon.com/glue/pricing/ (by the second, one minute at least),
https://docs.aws.amazon.com/glue/latest/dg/worker-types.html (DPU of a worker),
https://aws.amazon.com/step-functions/pricing/, https://aws.amazon.com/xray/pricing/. Seen in November 2026.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

PRICES_VARIABLE: Final = "GLUE_XRAY_PRICES"
SECONDS_PER_HOUR: Final = 3_600
MIN_BILLED_SECONDS: Final = 60  # of a run, since Glue 2.0
STATE_TRANSITION: Final = 0.025 / 1_000  # of a standard workflow
TRACE_RECORDED: Final = 5 / 1_000_000
_CHEAPER: Final = 0.7  # Glue 6.0 costs 30 % less (AWS What's New, 2026-08-21)
_CHEAPER_FROM_SPARK: Final = 4  # which Glue 6.0 runs; Glue 5.1 and before run Spark 3


@dataclass(frozen=True)
class Worker:
    """A type of worker: its processing units, its cores, and whether these units have more memory."""

    dpu: float
    cores: int
    is_memory_optimized: bool = False


WORKERS: Final[Mapping[str, Worker]] = {
    "Standard": Worker(1, 4),
    "G.025X": Worker(0.25, 2),
    "G.1X": Worker(1, 4),
    "G.2X": Worker(2, 8),
    "G.4X": Worker(4, 16),
    "G.8X": Worker(8, 32),
    "G.12X": Worker(12, 48),
    "G.16X": Worker(16, 64),
    "R.1X": Worker(1, 4, is_memory_optimized=True),
    "R.2X": Worker(2, 8, is_memory_optimized=True),
    "R.4X": Worker(4, 16, is_memory_optimized=True),
    "R.8X": Worker(8, 32, is_memory_optimized=True),
}


@dataclass(frozen=True)
class Prices:
    """Prices of one region, per hour: of a DPU, of one with more memory (M-DPU), of one of a flexible run."""

    dpu: float
    m_dpu: float
    flex: float

    def per_hour(self, *, is_memory_optimized: bool, is_flex: bool, spark_version: str) -> float:
        """Return the price of a processing unit; a flexible run has none with more memory."""
        price = self.flex if is_flex else self.m_dpu if is_memory_optimized else self.dpu
        major = spark_version.partition(".")[0]
        is_cheaper = major.isdecimal() and float(major) >= _CHEAPER_FROM_SPARK
        return price * _CHEAPER if is_cheaper else price


# Regions whose prices were looked up; of any other nothing is said unless the variable says it.
REGIONS: Final[Mapping[str, Prices]] = {
    "us-east-1": Prices(dpu=0.44, m_dpu=0.52, flex=0.29),
    "eu-west-1": Prices(dpu=0.44, m_dpu=0.52, flex=0.29),
}


def prices_of(region: str, environ: Mapping[str, str] | None = None) -> Prices | None:
    """Return the prices of a region, changed by ``GLUE_XRAY_PRICES``; None where they are not known.

    Example
    -------
    >>> prices_of("eu-central-2", {"GLUE_XRAY_PRICES": "dpu=0.5,m_dpu=0.6,flex=0.33"})
    Prices(dpu=0.5, m_dpu=0.6, flex=0.33)
    >>> prices_of("eu-central-2", {}) is None
    True
    """
    text = (os.environ if environ is None else environ).get(PRICES_VARIABLE, "")
    given = dict(_given(text))
    known = REGIONS.get(region)
    if known is not None:
        return replace(known, **given)
    return Prices(**given) if given.keys() == Prices.__dataclass_fields__.keys() else None


def spark_of(glue_version: str) -> str:
    """Return the major version of Spark of a version of Glue; empty where it is not known.

    Example
    -------
    >>> spark_of("5.1"), spark_of("6.0"), spark_of("")
    ('3', '4', '')
    """
    major = glue_version.partition(".")[0]
    return ("4" if int(major) >= 6 else "3") if major.isdecimal() else ""


def _given(text: str) -> list[tuple[str, float]]:
    """Read ``name=price`` with commas between; what is none is passed over."""
    found = []
    for part in text.split(","):
        name, _, price = part.strip().partition("=")
        if name in Prices.__dataclass_fields__ and price.replace(".", "", 1).isdecimal():
            found.append((name, float(price)))
    return found
