# SPDX-License-Identifier: Apache-2.0
"""Executors that are asked for and given back."""

from __future__ import annotations

import time

from tests.nightly.cluster.executors import count
from tests.spark.xray_helper.scenery import Scene, pipeline
from tests.waiting import wait_until
from xray_helper import Job


@pipeline(in_python=True)
def grown_and_shrunk(job: Job, scene: Scene) -> None:
    """Spark asks for executors while tasks wait, and gives them back when there are none."""
    with job.step("Grow"):
        scene.run_tasks(lambda partition: time.sleep(1))
    with job.step("Shrink"):
        wait_until(lambda: count(scene) == 0)
