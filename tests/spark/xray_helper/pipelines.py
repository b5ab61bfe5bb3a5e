# SPDX-License-Identifier: Apache-2.0
"""Pipelines whose every event must be in the trace, and nothing else."""

from __future__ import annotations

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
from pyspark import TaskContext, inheritable_thread_target
from pyspark.sql import functions as F  # noqa: N812 - its usual name

from tests.spark.xray_helper.scenery import Scene, pipeline
from xray_helper import Job
from xray_helper.spark.row_counts import markers

SMALL_ACTIONS = 500


@pipeline()
def write_parquet(job: Job, scene: Scene) -> None:
    with job.step("Read"):
        frame = scene.csv()
    with job.step("Write"):
        frame.write.mode("overwrite").parquet(str(scene.folder / "out"))


@pipeline()
def broadcast_join(job: Job, scene: Scene) -> None:
    with job.step("Join"):
        left = scene.typed()
        right = left.groupBy("town").agg(F.max("price").alias("highest"))
        scene.run(left.join(F.broadcast(right), "town"))


@pipeline()
def sort_merge_join(job: Job, scene: Scene) -> None:
    with job.step("Join"):
        left, right = scene.typed(), scene.typed().select("id", "town")
        scene.run(left.hint("merge").join(right, "id"))


@pipeline()
def adaptive_coalescing(job: Job, scene: Scene) -> None:
    with job.step("Count"):
        scene.typed().repartition(40, "id").groupBy("town").count().collect()


@pipeline()
def adaptive_skew(job: Job, scene: Scene) -> None:
    settings = {
        "spark.sql.adaptive.skewJoin.skewedPartitionThresholdInBytes": "1KB",
        "spark.sql.adaptive.skewJoin.skewedPartitionFactor": "1",
        "spark.sql.adaptive.advisoryPartitionSizeInBytes": "1KB",
        "spark.sql.autoBroadcastJoinThreshold": "-1",
    }
    for key, value in settings.items():
        scene.spark.conf.set(key, value)
    with job.step("Join"):
        skewed = scene.typed().withColumn("key", F.when(F.col("id") < 900, 1).otherwise(F.col("id")))
        scene.run(skewed.join(scene.spark.range(1000).withColumnRenamed("id", "key"), "key"))
    for key in settings:
        scene.spark.conf.unset(key)


@pipeline()
def subquery(job: Job, scene: Scene) -> None:
    with job.step("Query"):
        scene.typed().createOrReplaceTempView("listings")
        scene.spark.sql("select * from listings where price > (select avg(price) from listings)").collect()


@pipeline()
def subquery_of_a_write(job: Job, scene: Scene) -> None:
    with job.step("Write"):
        scene.typed().createOrReplaceTempView("listings")
        scene.run(scene.spark.sql("select * from listings where price > (select avg(price) from listings)"))


@pipeline()
def checkpoint(job: Job, scene: Scene) -> None:
    with job.step("Checkpoint"):
        frame = scene.typed().checkpoint()
    with job.step("Count"):
        frame.groupBy("town").count().collect()


@pipeline(in_python=True)
def python_functions(job: Job, scene: Scene) -> None:
    twice = F.pandas_udf(lambda prices: prices * 2, "double")  # type: ignore[attr-defined, call-overload]
    plain = F.udf(lambda name: name.upper())
    with job.step("Functions"):
        scene.run(scene.typed().withColumn("twice", twice("price")).withColumn("upper", plain("name")))


@pipeline(in_python=True)
def grouped_map(job: Job, scene: Scene) -> None:
    def first(group: pd.DataFrame) -> pd.DataFrame:
        return group.head(1)

    with job.step("Groups"):
        frame = scene.typed()
        frame.groupBy("town").applyInPandas(first, frame.schema).collect()


@pipeline(in_python=True)
def task_that_fails_once(job: Job, scene: Scene) -> None:
    def fragile(value: int) -> int:
        context = TaskContext.get()
        if value == 0 and context is not None and context.attemptNumber() == 0:
            raise ValueError("once")
        return value

    with job.step("Retry"):
        scene.spark.sparkContext.parallelize(range(10), 3).map(fragile).sum()


@pipeline(fails=True, in_python=True)
def failing_job(job: Job, scene: Scene) -> None:
    def broken(name: str) -> str:
        raise ValueError(f"no such town: {name}")

    with job.step("Break"):
        scene.run(scene.typed().repartition(2).withColumn("town", F.udf(broken)("town")))


@pipeline(in_python=True)
def lost_shuffle_files(job: Job, scene: Scene) -> None:
    """The second action finds the first one's shuffle files gone: both stages run again."""
    pairs = scene.spark.sparkContext.parallelize(range(100), 2).map(lambda i: (i % 7, i))
    sums = pairs.reduceByKey(lambda one, other: one + other)
    with job.step("First"):
        sums.count()
    for file in (scene.folder / "local").rglob("shuffle_*"):
        file.unlink()
    with job.step("Again"):
        sums.count()


@pipeline()
def concurrent_steps(job: Job, scene: Scene) -> None:
    gate = threading.Barrier(4)

    def work(number: int) -> None:
        gate.wait(60)
        with job.step(f"Thread {number}"):
            scene.run(scene.typed().filter(F.col("price") > number))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))


@pipeline()
def threads_of_one_step(job: Job, scene: Scene) -> None:
    """Threads that PySpark lets inherit local properties, and those that it does not."""
    frame = scene.typed()
    with job.step("Threads"):
        threads = [
            threading.Thread(target=inheritable_thread_target(lambda: frame.count())),
            threading.Thread(target=lambda: frame.collect()),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


@pipeline(in_python=True)
def rdd_actions(job: Job, scene: Scene) -> None:
    context = scene.spark.sparkContext
    with job.step("RDD"):
        context.parallelize(range(100), 4).map(lambda i: (i % 3, i)).groupByKey().count()
        scene.typed().rdd.map(lambda row: row.price).sum()


@pipeline()
def small_actions(job: Job, scene: Scene) -> None:
    numbers = scene.spark.range(1)
    with job.step("Many"):
        for _ in range(SMALL_ACTIONS):
            numbers.collect()


@pipeline()
def outside_of_steps(job: Job, scene: Scene) -> None:
    frame = scene.typed()
    frame.count()
    with job.step("Inside"):
        frame.count()
    frame.count()


@pipeline()
def nested_steps(job: Job, scene: Scene) -> None:
    with job.step("Outer"):
        frame = scene.typed()
        with job.step("Inner"):
            frame.count()
        frame.collect()


@pipeline()
def marks_of_the_user(job: Job, scene: Scene) -> dict[str, Any]:
    context = scene.spark.sparkContext
    context.setJobGroup("mine", "my own words")
    with job.step("Inside"):
        scene.spark.range(5).count()
        inside = context.getLocalProperty("spark.jobGroup.id")
        context.setJobGroup("other", "other words")
        scene.spark.range(5).count()
    facts = {
        "inside": inside,
        "group": context.getLocalProperty("spark.jobGroup.id"),
        "description": context.getLocalProperty("spark.job.description"),
        "tags": sorted(context.getJobTags()) if hasattr(context, "getJobTags") else [],  # Spark 3.5
    }
    for key in ("spark.jobGroup.id", "spark.job.description"):
        context.setLocalProperty(key, None)  # type: ignore[arg-type]
    return facts


@pipeline(fails=True)
def analysis_error(job: Job, scene: Scene) -> None:
    with job.step("Select"):
        scene.typed().select("no_such_column")


@pipeline(in_python=True)
def commands(job: Job, scene: Scene) -> None:
    with job.step("Tables"):
        scene.spark.sql("show tables").collect()
        scene.spark.createDataFrame([(1, "a")], "a int, b string").write.mode("overwrite").saveAsTable("made")
        scene.spark.sql("select count(*) from made").collect()
        scene.spark.sql("drop table made")
        shutil.rmtree(Path(scene.folder / "warehouse"), ignore_errors=True)


@pipeline(measure="rows")
def measured_rows(job: Job, scene: Scene) -> None:
    with job.step("Read") as step:
        frame = step.output(scene.typed())
    with job.step("Filter") as step:
        frame = step.output(frame.filter("price >= 100"))
    with job.step("Widen") as step:
        wide = frame.withColumn("double", F.col("price") * 2)
        frame = step.output(wide)
        step.set_attribute("has_own_marker", frame is not wide)
    with job.step("Keep") as step:
        frame = step.output(frame.filter("id % 2 = 0").cache())
    with job.step("Never"):
        step.output(frame.filter("id < 0"))
    with job.step("Write"):
        scene.run(frame)
    with job.step("Join") as step:
        joined = step.output(frame.join(frame.groupBy("town").count(), "town"))
    with job.step("Write again"):
        scene.run(joined)
    frame.unpersist()


@pipeline(measure="rows")
def rows_that_nobody_knows(job: Job, scene: Scene) -> None:
    with job.step("Cut") as step:
        some = step.output(scene.typed())
    with job.step("Write some"):
        scene.run(some.limit(3))
    with job.step("Store") as step:
        stored = step.output(scene.typed().filter("id >= 0"))
        stored = stored.withColumn("stored", F.lit(1)).cache()
    with job.step("Look"):
        stored.head()  # fills a part
    with job.step("Write"):
        scene.run(stored)
    stored.unpersist()
    with job.step("Few") as step:
        few = step.output(scene.typed().filter("id < 10"))
    with job.step("Write few"):
        scene.run(few)
        for number in range(3):  # as many as this job has, of the job before
            scene.run(markers.mark(scene.typed(), number))


@pipeline(measure="time")
def measured_time(job: Job, scene: Scene) -> None:
    with job.step("Read") as step:
        frame = step.output(scene.typed())
    with job.step("Count") as step:
        frame = step.output(frame.groupBy("town").count())
    with job.step("Write"):
        scene.run(frame)
