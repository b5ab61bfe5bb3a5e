# SPDX-License-Identifier: Apache-2.0
"""Pipelines that fail far below the line that started them."""

from __future__ import annotations

from pyspark.sql import functions as F  # noqa: N812 - its usual name

from tests.spark.xray_helper.scenery import Scene, pipeline
from xray_helper import Job


@pipeline(fails=True)
def changed_type(job: Job, scene: Scene) -> None:
    file = scene.folder / "changed.json"
    file.write_text('{"price": 1}\n{"price": "much"}\n')
    with job.step("Read"):
        scene.spark.read.schema("price int").option("mode", "FAILFAST").json(str(file)).collect()


@pipeline(fails=True)
def broken_parquet(job: Job, scene: Scene) -> None:
    file = scene.folder / "broken.parquet"
    file.write_bytes(b"PAR1 no parquet PAR1")
    with job.step("Read"):
        scene.spark.read.parquet(str(file)).count()


@pipeline(fails=True, in_python=True)
def function_below_a_join(job: Job, scene: Scene) -> None:
    def inverse(value: int) -> float:
        return 1 / (value - 2)

    with job.step("Join"):
        left = scene.spark.range(4).withColumn("inverse", F.udf(inverse, "double")("id"))
        left.join(scene.spark.range(4), "id").agg(F.sum("inverse")).collect()


@pipeline(fails=True)
def hidden_by_the_caller(job: Job, scene: Scene) -> None:
    with job.step("Load"):
        try:
            changed_type(job, scene)
        except Exception as error:
            raise RuntimeError("the load failed") from error
