# SPDX-License-Identifier: Apache-2.0
"""One small program per fault; an executor with one core on each of two hosts."""

from __future__ import annotations

import operator
import os
import signal
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pyspark import BarrierTaskContext, TaskContext
from pyspark.sql import functions as F  # noqa: N812 - its usual name

from tests.nightly.cluster.executors import executors
from tests.spark.xray_helper.scenery import PARTITIONS, ROWS, Scene, pipeline
from tests.spark.xray_helper.standalone import parent
from tests.waiting import wait_until
from xray_helper import Job

ONCE = 1  # the partition whose first attempt goes wrong
ADDED = 10  # rows of each partition of ``Scene.run_tasks``
TOO_LARGE = 4_000_000  # bytes, where the driver takes 1 MB
HANGS_S = 60.0  # never waited for: the task is killed
HEAP_OVER = 1_000_000_000  # bytes, where an executor has 512 MB


def _first_of(partition: int) -> bool:
    context: Any = TaskContext.get()
    return partition == ONCE and context.attemptNumber() == 0


@pipeline(in_python=True)
def barrier_stage(job: Job, scene: Scene) -> dict[str, Any]:
    """Tasks that start together fail together: the whole stage runs again, on all executors at once."""

    file = str(scene.folder / "met")

    def work(rows: Iterable[int]) -> Iterable[tuple[int, int]]:
        context: Any = BarrierTaskContext.get()
        context.barrier()
        if context.partitionId() == ONCE and not Path(file).exists():  # Python is not told a stage's attempt
            Path(file).touch()
            raise ValueError("one of those that had met")
        return [(row % 3, row) for row in rows]

    pairs = scene.spark.sparkContext.parallelize(range(30), 2).barrier().mapPartitions(work)
    with job.step("Together"):
        return {"sums": sorted(pairs.reduceByKey(operator.add, 2).collect())}


@pipeline(in_python=True)
def killed_task(job: Job, scene: Scene) -> None:
    """Somebody kills a task in the Spark UI: Spark starts it again, and counts no failure."""
    folder = scene.folder / "killed"
    folder.mkdir()
    place = str(folder)

    def work(partition: int) -> None:
        if _first_of(partition):
            context: Any = TaskContext.get()
            (Path(place) / str(context.taskAttemptId())).touch()
            time.sleep(HANGS_S)

    context: Any = scene.spark.sparkContext
    with job.step("Kill"):
        thread = threading.Thread(target=scene.run_tasks, args=(work,))
        thread.start()
        (task,) = wait_until(lambda: list(folder.iterdir()))
        assert context._jsc.sc().killTaskAttempt(int(task.name), True, "killed by hand")
        thread.join()


@pipeline(in_python=True)
def memory_error_in_python(job: Job, scene: Scene) -> None:
    """A Python worker gets no more memory."""

    def work(partition: int) -> None:
        import resource

        if _first_of(partition):
            limits = resource.getrlimit(resource.RLIMIT_AS)
            try:
                resource.setrlimit(resource.RLIMIT_AS, (2**30, limits[1]))
                bytearray(2**31)
            finally:  # the worker is used again
                resource.setrlimit(resource.RLIMIT_AS, limits)

    with job.step("Python"):
        scene.run_tasks(work)


@pipeline(in_python=True)
def python_worker_killed(job: Job, scene: Scene) -> None:
    """The kernel kills a Python worker, as it does when a host's memory is gone."""

    def work(partition: int) -> None:
        if _first_of(partition):
            os.kill(os.getpid(), signal.SIGKILL)

    with job.step("Killed"):
        scene.run_tasks(work)


@pipeline(fails=True)
def executors_out_of_memory(job: Job, scene: Scene) -> None:
    """A row that fits into no executor's heap: each attempt takes an executor along."""
    with job.step("Heap"):
        rows = scene.spark.range(0, 1, 1, 1).selectExpr(f"repeat('x', cast(id + {HEAP_OVER} as int)) as text")
        scene.run(rows.where("text > 'x'"))


@pipeline(fails=True, in_python=True)
def result_too_large(job: Job, scene: Scene) -> None:
    """More comes back than ``spark.driver.maxResultSize`` allows."""
    with job.step("Collect"):
        scene.spark.sparkContext.parallelize(range(4), 4).map(lambda _: os.urandom(TOO_LARGE)).collect()


@pipeline(in_python=True)
def accumulators(job: Job, scene: Scene) -> dict[str, Any]:
    """A task fails after it has counted: Spark counts its second attempt only."""
    count = scene.spark.sparkContext.accumulator(0)

    def work(partition: int) -> None:
        count.add(ADDED)
        if _first_of(partition):
            raise ValueError("counted already")

    with job.step("Count"):
        scene.run_tasks(work)
    return {"count": count.value}


@pipeline(measure="rows", in_python=True)
def rows_of_retried_tasks(job: Job, scene: Scene) -> None:
    """Rows are counted in a task that fails behind the count."""

    def fragile(town: str) -> str:
        if _first_of(TaskContext.get().partitionId()):  # type: ignore[union-attr]
            raise ValueError("counted already")
        return town

    with job.step("Read") as step:
        frame = step.output(scene.typed())
    with job.step("Write"):
        scene.run(frame.withColumn("town", F.udf(fragile)("town")))


@pipeline(in_python=True)
def near_its_data(job: Job, scene: Scene) -> None:
    """Cached partitions have their places; a slow task tells where it ran."""

    def work(partition: int, rows: Iterable[int]) -> Iterable[int]:
        time.sleep(1.2 if partition == ONCE else 0.02)
        return rows

    held = scene.spark.sparkContext.parallelize(range(10 * PARTITIONS), PARTITIONS).cache()
    with job.step("Hold"):
        held.count()
    with job.step("Use"):
        held.mapPartitionsWithIndex(work).count()
    held.unpersist()


@pipeline(measure="rows", in_python=True)
def lost_worker(job: Job, scene: Scene) -> dict[str, Any]:
    """A host is gone with its worker, its executor and all shuffle files; the last of its programs."""
    executor = executors(scene)[0]
    pairs = scene.spark.sparkContext.parallelize(range(100), 4).map(lambda i: (i % 7, i))
    sums = pairs.reduceByKey(operator.add, 4)
    with job.step("First"):
        first = sums.count()
    for process in parent(executor), executor:
        os.kill(process, signal.SIGKILL)
    with job.step("Again"):
        again = sums.count()
    with job.step("Read") as step:
        frame = step.output(scene.typed())
    with job.step("Write"):
        scene.run(frame.groupBy("town").count())
    return {"first": first, "again": again, "rows": ROWS}
