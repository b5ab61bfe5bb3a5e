# SPDX-License-Identifier: Apache-2.0
"""A host that is told that it will go, as a spot instance is."""

from __future__ import annotations

import operator
import os
import signal
from typing import Any

from tests.nightly.cluster.executors import count, executors
from tests.spark.xray_helper.scenery import Scene, pipeline
from tests.spark.xray_helper.standalone import parent
from tests.waiting import wait_until
from xray_helper import Job


@pipeline(in_python=True)
def decommissioned_host(job: Job, scene: Scene) -> dict[str, Any]:
    """Its executor hands its shuffle files to the other one and goes; nothing is computed again."""
    context: Any = scene.spark.sparkContext
    executor = executors(scene)[0]
    sums = context.parallelize(range(100), 4).map(lambda i: (i % 7, i)).reduceByKey(operator.add, 4)
    with job.step("First"):
        first = sums.count()
    os.kill(parent(executor), signal.SIGPWR)
    with job.step("Goes"):
        wait_until(lambda: count(scene) == 1, seconds=120)
    with job.step("Again"):
        again = sums.count()
    return {"first": first, "again": again}
