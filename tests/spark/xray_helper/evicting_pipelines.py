# SPDX-License-Identifier: Apache-2.0
"""More actions in one step than Spark remembers."""

from __future__ import annotations

from tests.spark.xray_helper.scenery import MANY_ACTIONS, Scene, pipeline
from xray_helper import Job


@pipeline()
def fewer_than_spark_remembers(job: Job, scene: Scene) -> None:
    with job.step("One"):
        scene.spark.range(1).collect()


@pipeline()
def more_than_spark_remembers(job: Job, scene: Scene) -> None:
    with job.step("Many"):
        for _ in range(MANY_ACTIONS):
            scene.spark.range(1).collect()
    with job.step("One"):
        scene.spark.range(1).collect()


@pipeline()
def more_tasks_than_spark_remembers(job: Job, scene: Scene) -> None:
    with job.step("Wide"):
        scene.run(scene.spark.range(0, MANY_ACTIONS, 1, MANY_ACTIONS))
