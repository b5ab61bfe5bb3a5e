# SPDX-License-Identifier: Apache-2.0
"""Programs that have a problem, each with a twin that has not.

Where a problem is one of time, a row sleeps, by ``Thread.sleep`` in the JVM: a busy machine changes little.
"""

from __future__ import annotations

import base64
import gzip
import json
import random
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from pyspark import TaskContext
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - its usual name

from tests.spark.xray_helper.scenery import Scene, pipeline
from xray_helper import Job

LINES, LINE_BYTES = 40, 300_000  # 12 MB as text, 9 MB as gzip: random letters


def sleeping(frame: DataFrame, milliseconds: int) -> DataFrame:
    """Let each row take its time."""
    return frame.selectExpr("*", f"reflect('java.lang.Thread', 'sleep', {milliseconds}L) AS slept")


def _run(job: Job, scene: Scene, frame: DataFrame) -> None:
    with job.step("Work"):
        scene.run(frame)


@pipeline()
def warm_up(job: Job, scene: Scene) -> None:
    """What starts slowly starts here: Spark, its plans, its generated code, the library."""
    _run(job, scene, sleeping(scene.spark.range(60).repartition(6), 10))


@pipeline()
def skew(job: Job, scene: Scene) -> None:
    """48 of 60 rows have one key."""
    keys = scene.spark.range(60).selectExpr("if(id < 48, 0, id) AS key")
    _run(job, scene, sleeping(keys.repartition(6, "key"), 80))


@pipeline()
def skew_twin(job: Job, scene: Scene) -> None:
    _run(job, scene, sleeping(scene.spark.range(60).repartition(6), 80))


def _window(job: Job, scene: Scene, rows_in_memory: int) -> None:
    threshold = "spark.sql.windowExec.buffer.{}.threshold"
    names = [threshold.format("in.memory"), threshold.format("spill")]
    try:
        for name in names:
            scene.spark.conf.set(name, rows_in_memory)
        frame = scene.spark.range(0, 20_000, 1, 2).selectExpr("id", "id % 2 AS town")
        _run(job, scene, frame.selectExpr("sum(id) OVER (PARTITION BY town) AS total"))
    finally:
        for name in names:
            scene.spark.conf.unset(name)


@pipeline()
def spill(job: Job, scene: Scene) -> None:
    """A window that may keep 1,000 rows in memory."""
    _window(job, scene, 1_000)


@pipeline()
def spill_twin(job: Job, scene: Scene) -> None:
    _window(job, scene, 1_000_000)


@pipeline()
def gc(job: Job, scene: Scene) -> None:
    """Each row asks for a full collection."""
    _run(job, scene, scene.spark.range(0, 40, 1, 2).selectExpr("reflect('java.lang.System', 'gc') AS gone"))


@pipeline()
def gc_twin(job: Job, scene: Scene) -> None:
    _run(job, scene, sleeping(scene.spark.range(0, 40, 1, 2), 30))


@pipeline()
def few_tasks(job: Job, scene: Scene) -> None:
    """All rows in one partition, two cores."""
    _run(job, scene, sleeping(scene.spark.range(0, 40, 1, 1), 40))


@pipeline()
def few_tasks_twin(job: Job, scene: Scene) -> None:
    _run(job, scene, sleeping(scene.spark.range(0, 40, 1, 2), 40))


def _write_lines(path: Path) -> Path:
    if not path.exists():
        letters = random.Random(19)  # noqa: S311 - the same file each time
        lines = (base64.b64encode(letters.randbytes(LINE_BYTES * 3 // 4)) for _ in range(LINES))
        data = b"\n".join(lines)
        path.write_bytes(gzip.compress(data, 1) if path.suffix == ".gz" else data)
    return path


@pipeline()
def one_task_reads_all(job: Job, scene: Scene) -> None:
    """One gzip file of 9 MB."""
    path = _write_lines(scene.folder / "lines.txt.gz")
    _run(job, scene, sleeping(scene.spark.read.text(str(path)).selectExpr("length(value)"), 40))


@pipeline()
def one_task_reads_all_twin(job: Job, scene: Scene) -> None:
    path = _write_lines(scene.folder / "lines.txt")
    _run(job, scene, sleeping(scene.spark.read.text(str(path)).selectExpr("length(value)"), 40))


@pipeline()
def tiny_tasks(job: Job, scene: Scene) -> None:
    """1,000 rows in 1,000 partitions."""
    _run(job, scene, scene.spark.range(0, 1_000, 1, 1_000))


@pipeline()
def tiny_tasks_twin(job: Job, scene: Scene) -> None:
    _run(job, scene, scene.spark.range(0, 1_000, 1, 2))


def _fails_first(row: Any) -> Any:
    context = TaskContext.get()
    if context is not None and context.partitionId() == 1 and context.attemptNumber() == 0:
        raise ValueError("the first attempt fails")
    return row


@pipeline(in_python=True)
def retries(job: Job, scene: Scene) -> None:
    """A task that succeeds when it is run again."""
    with job.step("Work"):
        scene.spark.sparkContext.parallelize(range(4), 2).map(_fails_first).count()


@pipeline(in_python=True)
def retries_twin(job: Job, scene: Scene) -> None:
    with job.step("Work"):
        scene.spark.sparkContext.parallelize(range(4), 2).map(lambda row: row).count()


def _as_java(scene: Scene) -> Any:
    """Return an RDD of 300,000 rows in four partitions; the first row of each takes 0.3 s."""
    nap = "if(id % 75000 = 0, reflect('java.lang.Thread', 'sleep', 300L), NULL) AS slept"
    rows: Any = scene.spark.range(0, 300_000, 1, 4).selectExpr("id", "cast(id AS string) AS text", nap)
    return rows._jdf.toJavaRDD()


@pipeline()
def scheduler_delay(job: Job, scene: Scene) -> None:
    """Rows come to the driver as Java objects: a task is over when the driver has read its result."""
    with job.step("Work"):
        _as_java(scene).collect()


@pipeline()
def scheduler_delay_twin(job: Job, scene: Scene) -> None:
    with job.step("Work"):
        _as_java(scene).count()


def _beside(job: Job, scene: Scene, rows: int) -> None:
    """Count something while another thread has all the cores."""
    with job.step("Other"):
        first = scene.spark.sparkContext.statusTracker().getActiveStageIds
        other = threading.Thread(target=scene.run, args=[sleeping(scene.spark.range(0, rows, 1, 2), 50)])
        other.start()
        while other.is_alive() and not first():
            other.join(0.02)
    with job.step("Work"):
        scene.run(sleeping(scene.spark.range(0, 8, 1, 2), 50))
        other.join()


@pipeline()
def waiting_for_executors(job: Job, scene: Scene) -> None:
    """Both cores are busy for seconds when the stage is ready; planning it on a busy machine takes one."""
    _beside(job, scene, 120)


@pipeline()
def waiting_for_executors_twin(job: Job, scene: Scene) -> None:
    _beside(job, scene, 2)


@pipeline()
def cross_join(job: Job, scene: Scene) -> None:
    """1,000 rows, each with 3,000."""
    rows, others = sleeping(scene.spark.range(0, 1_000, 1, 2), 1), scene.spark.range(3_000).toDF("other")
    _run(job, scene, rows.crossJoin(others))


@pipeline()
def cross_join_twin(job: Job, scene: Scene) -> None:
    rows, others = sleeping(scene.spark.range(0, 1_000, 1, 2), 1), scene.spark.range(3_000).toDF("other")
    _run(job, scene, rows.join(others, rows["id"] == others["other"]))


def _broadcast(job: Job, scene: Scene, rows: int) -> None:
    small = F.broadcast(scene.spark.range(rows))
    _run(job, scene, sleeping(scene.spark.range(0, 300, 1, 2).join(small, "id"), 2))


@pipeline()
def large_broadcast(job: Job, scene: Scene) -> None:
    """A hint on a table that is the larger one."""
    _broadcast(job, scene, 300_000)


@pipeline()
def large_broadcast_twin(job: Job, scene: Scene) -> None:
    _broadcast(job, scene, 300)


@pipeline()
def tiny_join_side(job: Job, scene: Scene) -> None:
    """A hint that keeps Spark from its broadcast: 400,000 rows and 100, each of 16 bytes."""
    small = scene.spark.range(100)
    _run(job, scene, sleeping(scene.spark.range(400_000).hint("merge").join(small, "id"), 10))


@pipeline()
def tiny_join_side_twin(job: Job, scene: Scene) -> None:
    small = scene.spark.range(100)
    _run(job, scene, sleeping(scene.spark.range(400_000).join(small, "id"), 10))


def _files(job: Job, scene: Scene, files: int) -> dict[str, Any]:
    path = scene.folder / f"files-{files}"
    with job.step("Write"):
        sleeping(scene.spark.range(0, 60, 1, files), 10).write.parquet(str(path))
    with job.step("Work"):
        scene.run(sleeping(scene.spark.read.parquet(str(path)).select("id"), 10))
    sizes = [part.stat().st_size for part in path.glob("*.parquet")]
    return {"files": len(sizes), "bytes": sum(sizes)}


@pipeline()
def small_files(job: Job, scene: Scene) -> dict[str, Any]:
    """One row in each of 60 files."""
    return _files(job, scene, 60)


@pipeline()
def small_files_twin(job: Job, scene: Scene) -> dict[str, Any]:
    return _files(job, scene, 2)


def _partitioned(scene: Scene) -> DataFrame:
    path = scene.folder / "by-day"
    if not path.exists():
        rows = scene.spark.range(0, 24, 1, 1).selectExpr("id", "id % 12 AS day")
        rows.write.partitionBy("day").parquet(str(path))
    return scene.spark.read.parquet(str(path))


@pipeline()
def full_scan(job: Job, scene: Scene) -> None:
    """A filter by another column than the partition's."""
    with job.step("Write"):
        table = _partitioned(scene)
    _run(job, scene, sleeping(table.filter("id > 3"), 30))


@pipeline()
def full_scan_twin(job: Job, scene: Scene) -> None:
    _run(job, scene, sleeping(_partitioned(scene).filter("id > 3 AND day < 6"), 60))


def _cached(job: Job, scene: Scene, reads: int) -> None:
    frame = sleeping(scene.spark.range(0, 40, 1, 2), 30).cache()
    for number in range(reads):
        with job.step(f"Work {number}" if number else "Work"):
            frame.agg(F.sum("id"), F.max("slept")).collect()
    frame.unpersist()


@pipeline()
def unread_cache(job: Job, scene: Scene) -> None:
    """A cache that one action fills, and none reads."""
    _cached(job, scene, 1)


@pipeline()
def unread_cache_twin(job: Job, scene: Scene) -> None:
    _cached(job, scene, 2)


def _twice(job: Job, scene: Scene, cached: bool) -> None:
    rows = scene.spark.range(0, 40, 1, 2)
    with job.step("Work") as step:
        slow = step.output(rows.withColumn("slow", F.expr("reflect('java.lang.Thread', 'sleep', 40L)")))
    slow = slow.cache() if cached else slow
    for number in range(2):
        with job.step(f"Use {number}"):
            slow.groupBy("slow").agg(F.sum(F.col("id") * (number + 2))).collect()
    if cached:
        slow.unpersist()


@pipeline()
def repeated_work(job: Job, scene: Scene) -> None:
    """Two actions on the same slow rows."""
    _twice(job, scene, cached=False)


@pipeline()
def repeated_work_twin(job: Job, scene: Scene) -> None:
    _twice(job, scene, cached=True)


@pipeline()
def driver_bound(job: Job, scene: Scene) -> dict[str, Any]:
    """Rows are collected, and the driver works on them alone."""
    with job.step("Work"):
        rows = scene.spark.range(10).collect()
        started = time.time()
        while time.time() < started + 1.5:
            sum(row["id"] for row in rows)
        return {"driver_s": time.time() - started}


@pipeline()
def driver_bound_twin(job: Job, scene: Scene) -> None:
    with job.step("Work"):
        sleeping(scene.spark.range(0, 60, 1, 2), 50).collect()


@pipeline()
def many_executions(job: Job, scene: Scene) -> None:
    """A count for each of 25 numbers."""
    with job.step("Work"):
        for number in range(25):
            scene.spark.range(0, 100, 1, 2).filter(f"id % 25 = {number}").collect()


@pipeline()
def many_executions_twin(job: Job, scene: Scene) -> None:
    with job.step("Work"):
        scene.spark.range(0, 100, 1, 2).selectExpr("id % 25 AS part").groupBy("part").count().collect()


@pipeline(in_python=True)
def python_functions(job: Job, scene: Scene) -> None:
    """A function of Python that takes its time."""

    def slow(number: int) -> int:
        time.sleep(0.05)
        return number

    _run(job, scene, scene.spark.range(0, 40, 1, 2).select(F.udf(slow, "long")("id")))


@pipeline()
def python_functions_twin(job: Job, scene: Scene) -> None:
    _run(job, scene, sleeping(scene.spark.range(0, 40, 1, 2), 50))


def _sorted_out(job: Job, scene: Scene, *, clean: str, rejected: str) -> None:
    """Write rows to two places, and say how many there were: 1,000, of prices 0, 0.5 … 499.5."""
    rows = scene.typed()
    folder = Path(tempfile.mkdtemp(dir=scene.folder))
    with job.step("Work"):
        read = rows.count()
        for outcome, condition in {"clean": clean, "rejected": rejected}.items():
            rows.where(condition).write.parquet(str(folder / outcome))
    kept, refused = (scene.spark.read.parquet(str(folder / one)).count() for one in ("clean", "rejected"))
    job.annotate(rows_read=read, rows_clean=kept, rows_rejected=refused)
    job.set_attribute("rejected_by_reason", json.dumps({"invalid_price": refused}))


@pipeline()
def sorted_out(job: Job, scene: Scene) -> None:
    """Of 1,000 rows 300 are rejected, and 100 come out nowhere."""
    _sorted_out(job, scene, clean="price >= 200", rejected="price < 150")


@pipeline()
def sorted_out_twin(job: Job, scene: Scene) -> None:
    _sorted_out(job, scene, clean="price >= 50", rejected="price < 50")
