# SPDX-License-Identifier: Apache-2.0
"""Functions that run on a host whose clock is not the driver's."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from pyspark.sql import functions as F  # noqa: N812 - its usual name

from tests.spark.xray_helper.scenery import PARTITIONS, Scene, pipeline
from xray_helper import Job, traced_udf

AHEAD_S = 3_600
HERE = Path(__file__).with_name("other_clock")


@traced_udf("double")
def now_s(number: int) -> float:
    """Say what time it is."""
    time.sleep(0.2)
    return time.time()


@pipeline(in_python=True)
def other_clock(job: Job, scene: Scene) -> dict[str, Any]:
    """One of two hosts is an hour ahead."""
    with job.step("Ask"):
        rows = scene.spark.range(0, PARTITIONS, 1, PARTITIONS).select(now_s("id").alias("now"))
        least, most = rows.agg(F.min("now"), F.max("now")).head() or (0, 0)
    return {"apart_s": most - least}
