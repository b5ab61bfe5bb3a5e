# SPDX-License-Identifier: Apache-2.0
"""What only hosts of their own make slow: one that is slower than the other, data on the other one."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.spark.xray_helper.scenery import Scene, pipeline
from tests.spark.xray_helper.standalone import HOSTS, host_of_executor
from xray_helper import Job


def _sleep_by_host(seconds: dict[str, float]) -> Callable[[int], None]:
    return lambda partition: time.sleep(seconds[host_of_executor()])


@pipeline(in_python=True)
def warm_up(job: Job, scene: Scene) -> None:
    """What starts slowly starts here, on both hosts."""
    with job.step("Work"):
        scene.run_tasks(_sleep_by_host(dict.fromkeys(HOSTS, 0.5)))
        scene.run(scene.spark.range(0, 100, 1, 4).repartition(2))


@pipeline(in_python=True)
def slow_host(job: Job, scene: Scene) -> None:
    """A task takes 3 s on one host, 0.1 s on the other."""
    with job.step("Work"):
        scene.run_tasks(_sleep_by_host(dict(zip(HOSTS, (3.0, 0.1), strict=True))))


@pipeline(in_python=True)
def slow_host_twin(job: Job, scene: Scene) -> None:
    with job.step("Work"):
        scene.run_tasks(_sleep_by_host(dict.fromkeys(HOSTS, 0.5)))


@pipeline()
def fetch_bound(job: Job, scene: Scene) -> None:
    """400 partitions are shuffled, half of them from the other host, one block at a time."""
    with job.step("Work"):
        scene.run(scene.spark.range(0, 4_000, 1, 400).repartition(2))


@pipeline()
def fetch_bound_twin(job: Job, scene: Scene) -> None:
    with job.step("Work"):
        scene.run(scene.spark.range(0, 4_000, 1, 2).repartition(2))
