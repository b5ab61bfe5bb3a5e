# SPDX-License-Identifier: Apache-2.0
"""What only a cluster has: executors that come and are lost, tasks that run twice at the same time."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pyspark import TaskContext

from tests.spark.xray_helper.scenery import PARTITIONS, Scene, pipeline
from tests.spark.xray_helper.standalone import jvm_above
from tests.waiting import wait_until
from xray_helper import Job

SLOW_S = 20.0  # never waited for: the copy is done first
PART_S = 1.0  # of a task that two jobs share
_SHARED = "shared task"  # the thread that waits for it
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


@pipeline(in_python=True)
def left_running(job: Job, scene: Scene) -> None:
    """A task that the next job ends: it waits for a file."""
    file = str(_released(scene))

    def wait(rows: Iterable[int]) -> Iterable[int]:
        wait_until(lambda: Path(file).exists(), seconds=60)
        return rows

    one = scene.spark.sparkContext.parallelize([1], 1).mapPartitions(wait)
    thread = threading.Thread(target=one.count, name=_SHARED)
    with job.step("Start"):
        time.sleep(PART_S)
        thread.start()
        wait_until(lambda: _running(scene) == 1)
        time.sleep(PART_S)


@pipeline(in_python=True)
def found_running(job: Job, scene: Scene) -> None:
    """End the task of the job before."""
    with job.step("Wait"):
        time.sleep(PART_S)
    _released(scene).touch()
    (thread,) = (one for one in threading.enumerate() if one.name == _SHARED)
    thread.join()
    with job.step("Idle"):
        wait_until(lambda: _running(scene) == 0)
        time.sleep(PART_S)


def _released(scene: Scene) -> Path:
    return scene.folder / "released"


def _running(scene: Scene) -> int:
    """Count the running tasks that the executors' records know of."""
    context: Any = scene.spark.sparkContext
    return sum(one.numRunningTasks() for one in context._jsc.sc().statusTracker().getExecutorInfos())
