# SPDX-License-Identifier: Apache-2.0
"""A host on which everything fails."""

from __future__ import annotations

import time

from tests.spark.xray_helper.scenery import Scene, pipeline
from tests.spark.xray_helper.standalone import HOSTS, host_of_executor
from xray_helper import Job


@pipeline(in_python=True)
def excluded_executor(job: Job, scene: Scene) -> None:
    """Everything fails on one of two hosts."""

    def work(partition: int) -> None:
        if host_of_executor() == HOSTS[0]:
            raise OSError("the disk of this host is broken")
        time.sleep(0.3)

    with job.step("Excluded"):
        scene.run_tasks(work)
