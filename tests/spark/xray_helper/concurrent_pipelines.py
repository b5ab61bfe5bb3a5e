# SPDX-License-Identifier: Apache-2.0
"""Pipelines that run Spark in threads, tasks, generators and streams, or set local properties of their own.

``Scene.count_for`` names the step of each action in Spark's event log.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.pool import ThreadPool
from typing import Any

from pyspark import InheritableThread, SparkContext, StatusTracker, inheritable_thread_target
from pyspark.sql import DataFrame

from tests.spark.xray_helper.scenery import Scene, pipeline
from xray_helper import Job, step

GROUP, DESCRIPTION, TAGS = "spark.jobGroup.id", "spark.job.description", "spark.job.tags"
HAS_TAGS = hasattr(SparkContext, "addJobTag")  # Spark 3.5 and newer
WAIT_S = 60


@pipeline()
def handed_to_threads(job: Job, scene: Scene) -> None:
    with ThreadPoolExecutor(2) as pool, ThreadPool(2) as other:
        for name in ("First", "Second"):  # the same threads work for both
            with job.step(name):
                list(pool.map(scene.count_for, [name] * 3))
                other.map(scene.count_for, [name] * 2)
                for thread in (
                    threading.Thread(target=scene.count_for, args=(name,)),
                    threading.Timer(0, scene.count_for, args=(name,)),
                    InheritableThread(target=scene.count_for, args=(name,)),
                    threading.Thread(target=inheritable_thread_target(scene.count_for), args=(name,)),
                ):
                    thread.start()
                    thread.join(WAIT_S)
        pool.submit(scene.count_for, "job").result(WAIT_S)
        other.apply(scene.count_for, ("job",))


@pipeline()
def steps_of_threads(job: Job, scene: Scene) -> None:
    def load(number: int) -> None:
        scene.count_for("Outer")
        with step(f"Table {number}"):
            scene.count_for(f"Table {number}")
        scene.count_for("Outer")

    with job.step("Outer"), ThreadPoolExecutor(3) as pool:
        list(pool.map(load, range(3)))


@pipeline()
def thread_that_outlives_its_step(job: Job, scene: Scene) -> None:
    go, done = threading.Event(), threading.Event()

    def work() -> None:
        go.wait(WAIT_S)
        scene.count_for("Begins")
        done.set()

    with job.step("Begins"):
        scene.count_for("Begins")
        threading.Thread(target=work).start()
    with job.step("Goes on"):
        go.set()
        done.wait(WAIT_S)
        scene.count_for("Goes on")


@pipeline()
def tasks_and_generators(job: Job, scene: Scene) -> None:
    async def load(name: str) -> None:
        with step(name):
            scene.count_for(name)
            await asyncio.sleep(0)  # the other one's turn, in the same thread
            scene.count_for(name)
            await asyncio.to_thread(scene.count_for, name)

    async def both() -> None:
        await asyncio.gather(load("A"), load("B"))

    def generate() -> Iterator[None]:
        with step("Generator"):
            scene.count_for("Generator")
            yield
            scene.count_for("Generator")

    with job.step("Tasks"):
        asyncio.run(both())
    with job.step("Outer"):
        generator = generate()
        next(generator)
        scene.count_for("Outer")
        list(generator)
        scene.count_for("Outer")


@pipeline()
def step_left_in_another_thread(job: Job, scene: Scene) -> None:
    stack = contextlib.ExitStack()
    stack.enter_context(job.step("Moved"))
    scene.count_for("Moved")
    leaver = threading.Thread(target=stack.close)
    leaver.start()
    leaver.join(WAIT_S)
    scene.count_for("job")


@pipeline()
def users_properties(job: Job, scene: Scene) -> dict[str, Any]:
    """Set a group and a description before a step, in it and behind it."""
    context = scene.spark.sparkContext
    context.setLocalProperty("spark.scheduler.pool", "mine")
    context.setJobGroup("mine", "my own words ünï 🚚", interruptOnCancel=True)
    with job.step("Inside"):
        scene.count_for("Inside")
        seen = _properties(context)
        scene.spark.sql("CREATE DATABASE IF NOT EXISTS no_job")  # an execution without a job
        inside = context.statusTracker().getJobIdsForGroup("mine")
    between = _properties(context)
    with job.step("Words inside"):
        context.setJobDescription("other words")
        scene.count_for("Words inside" if HAS_TAGS else "job")  # no mark of ours is left without tags
    with job.step("Tag inside"):
        if hasattr(context, "addJobTag"):
            context.addJobTag("etl")
        scene.count_for("Tag inside")
    after = _properties(context)
    for key in (GROUP, DESCRIPTION, TAGS, "spark.scheduler.pool", "spark.job.interruptOnCancel"):
        context.setLocalProperty(key, None)  # type: ignore[arg-type]
    with job.step("Free"):
        scene.count_for("Free")
        free = _properties(context)
    return {
        "seen": seen,
        "jobs of the group": len(inside),
        "between": between,
        "after": after,
        "free": free,
        "end": _properties(context),
    }


@pipeline(in_python=True)
def cancelled_group(job: Job, scene: Scene) -> None:
    context = scene.spark.sparkContext
    context.setJobGroup("mine", "to be cancelled", interruptOnCancel=True)
    with job.step("Cancelled"), contextlib.suppress(Exception):
        threading.Thread(target=_cancel, args=(context, "mine")).start()
        scene.spark.range(2, numPartitions=2).rdd.map(lambda row: time.sleep(WAIT_S)).count()
    for key in (GROUP, DESCRIPTION, "spark.job.interruptOnCancel"):
        context.setLocalProperty(key, None)  # type: ignore[arg-type]


@pipeline()
def stream_of_batches(job: Job, scene: Scene) -> dict[str, Any]:
    with job.step("Data"):
        rows = _stream(scene)

    def write(frame: DataFrame, number: int) -> None:
        scene.count_for("Stream")
        with step(f"Batch {number}"):
            scene.count_for(f"Batch {number}")
            frame.collect()

    with job.step("Stream"):
        query = rows.writeStream.foreachBatch(write).trigger(once=True).start()
        query.awaitTermination(WAIT_S)

    def count(frame: DataFrame, number: int) -> None:
        scene.count_for("Second")

    with job.step("Second"):
        query = rows.writeStream.foreachBatch(count).start()
        query.processAllAvailable()
    with job.step("Third"):
        scene.count_for("Third")
        query.stop()
    return {"error": str(query.exception())} if query.exception() else {}


@pipeline()
def stream_without_python(job: Job, scene: Scene) -> None:
    with job.step("Stream"):
        query = _stream(scene).writeStream.format("noop").trigger(once=True).start()
        query.awaitTermination(WAIT_S)
    with job.step("Other"):
        scene.count_for("Other")


def _stream(scene: Scene) -> DataFrame:
    scene.csv()
    return scene.spark.readStream.schema("id int, town string").csv(str(scene.folder / "data"), header=True)


def _properties(context: SparkContext) -> dict[str, str | None]:
    return {key: context.getLocalProperty(key) for key in (GROUP, DESCRIPTION)}


def _cancel(context: SparkContext, group: str) -> None:
    """Cancel a group as soon as both tasks of its job run."""
    tracker, deadline = context.statusTracker(), time.monotonic() + WAIT_S
    while _tasks_running(tracker) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    context.cancelJobGroup(group)


def _tasks_running(tracker: StatusTracker) -> int:
    stages = [tracker.getStageInfo(number) for number in tracker.getActiveStageIds()]
    return sum(stage.numActiveTasks for stage in stages if stage is not None)
