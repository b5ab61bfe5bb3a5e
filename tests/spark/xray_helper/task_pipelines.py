# SPDX-License-Identifier: Apache-2.0
"""Pipelines with tasks that stick out, and the partitions that do."""

from __future__ import annotations

import time
from typing import Any

from pyspark import TaskContext

from tests.spark.xray_helper.scenery import Scene, pipeline
from xray_helper import Job

SLOW = 5  # the partition that sleeps
FAILING = 2  # the partition whose first attempt fails
LONG_S = 1.2
MESSAGE = "too early"


@pipeline(in_python=True)
def slow_partition(job: Job, scene: Scene) -> None:
    scene.run_tasks(lambda partition: None)  # the workers of Python have started
    with job.step("Skewed"):
        scene.run_tasks(lambda partition: time.sleep(LONG_S if partition == SLOW else 0.02))


@pipeline(in_python=True)
def even_partitions(job: Job, scene: Scene) -> None:
    """The twin of ``slow_partition``: as much sleep, everywhere the same."""
    scene.run_tasks(lambda partition: None)
    with job.step("Even"):
        scene.run_tasks(lambda partition: time.sleep(LONG_S / 4))


@pipeline(in_python=True)
def failing_once(job: Job, scene: Scene) -> None:
    def work(partition: int) -> None:
        context: Any = TaskContext.get()
        if partition == FAILING and context.attemptNumber() == 0:
            raise ValueError(MESSAGE)

    with job.step("Retried"):
        scene.run_tasks(work)
