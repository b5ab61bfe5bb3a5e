# SPDX-License-Identifier: Apache-2.0
"""What only a cluster has: executors that come and are lost, tasks that run twice at the same time."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

from pyspark import TaskContext

from tests.spark.xray_helper.scenery import PARTITIONS, Scene, pipeline
from tests.spark.xray_helper.standalone import jvm_above
from xray_helper import Job

SLOW_S = 20.0  # never waited for: the copy is done first
LOST = 1  # the partition whose first attempt takes its executor along


@pipeline(in_python=True)
def run_twice(job: Job, scene: Scene) -> None:
    """One task hangs; Spark starts a copy of it, which does not."""

    def work(partition: int) -> None:
        context: Any = TaskContext.get()
        if partition == PARTITIONS - 1 and context.attemptNumber() == 0:
            time.sleep(SLOW_S)
        time.sleep(0.1)

    with job.step("Speculative"):
        scene.run_tasks(work)


@pipeline(in_python=True)
def lost_executor(job: Job, scene: Scene) -> None:
    """A task kills the JVM that runs it, once."""

    def work(partition: int) -> None:
        context: Any = TaskContext.get()
        if partition == LOST and context.attemptNumber() == 0:
            os.kill(jvm_above(os.getpid()), signal.SIGKILL)
            time.sleep(SLOW_S)

    with job.step("Lost"):
        scene.run_tasks(work)
