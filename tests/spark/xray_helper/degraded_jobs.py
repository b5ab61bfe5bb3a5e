# SPDX-License-Identifier: Apache-2.0
"""Jobs without Spark's records; ``python -m tests.spark.xray_helper.degraded_jobs JOB ...`` prints spans."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pyspark.sql import SparkSession

from tests.spark.xray_helper.recording import recorded_job
from xray_helper import Job, step
from xray_helper.spark.status_store.store import StatusStore

# What a gateway says that allows some methods only: py4j has the text of the Java exception, and no object.
REFUSAL = "py4j.security.Py4JSecurityException: Method statusStore() is not whitelisted on class SparkContext"


def stopped(job: Job) -> None:
    """Stop Spark inside the job, between two steps."""
    spark = _start()
    _count(job, spark)
    spark.stop()
    with job.step("After"):
        pass


def stopped_in_its_step(job: Job) -> None:
    """Stop Spark inside the only step."""
    spark = _start()
    with job.step("Count"):
        spark.range(10).count()
        spark.stop()


def stopped_before(job: Job) -> None:
    """Trace steps when Spark is gone already."""
    _start().stop()
    with job.step("After"):
        pass


def asked_before_the_first_action(job: Job) -> None:
    """Read the store while it is empty, and again, by the same reader, when it is not."""
    spark = _start()
    store = StatusStore(spark.sparkContext)
    early = [store.jobs_from(0), store.stages_from(0), store.executions_from(0, likely=1)]
    assert early == [[], [], []]
    _count(job, spark)
    spark.sparkContext._jsc.sc().listenerBus().waitUntilEmpty()
    late = [store.jobs_from(0), store.stages_from(0), store.executions_from(0, likely=1)]
    assert all(late)
    spark.stop()


def refused(job: Job) -> None:
    """Ask for a store that the gateway does not hand out; everything else is Spark's own answer."""
    spark = _start()
    client = spark.sparkContext._gateway._gateway_client  # type: ignore[union-attr]
    send = client.send_command

    def refuse(command: str, *arguments: Any, **named: Any) -> Any:
        return f"xs{REFUSAL}" if "\nstatusStore\n" in command else send(command, *arguments, **named)

    client.send_command = refuse
    _count(job, spark)
    spark.stop()


def unpinned(job: Job) -> None:
    """Run steps in threads that share connections to the JVM; each write has as many tasks as its number."""
    spark = _start()

    def load(tasks: int) -> None:
        for part in range(3):
            with step(f"Table {tasks} part {part}"):
                spark.range(0, tasks, 1, tasks).write.format("noop").mode("overwrite").save()

    with job.step("Load"), ThreadPoolExecutor(4) as pool:
        list(pool.map(load, range(2, 6)))
    left = [spark.sparkContext.getLocalProperty("spark.job.description") for _ in range(9)]
    assert left == [None] * 9
    spark.range(0, 1, 1, 1).write.format("noop").mode("overwrite").save()


def connect(job: Job) -> None:
    """Speak to Spark through Spark Connect, its server in this process's own JVM."""
    spark = SparkSession.builder.remote("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    _count(job, spark)


JOBS: dict[str, Callable[[Job], None]] = {
    job.__name__: job
    for job in (
        stopped,
        stopped_in_its_step,
        stopped_before,
        asked_before_the_first_action,
        refused,
        unpinned,
        connect,
    )
}


def _start() -> SparkSession:
    return SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()


def _count(job: Job, spark: SparkSession) -> None:
    with job.step("Plan") as step:
        numbers = step.output(spark.range(10).filter("id > 3"))
    with job.step("Count"):
        assert numbers.count() == 6


if __name__ == "__main__":
    for name in sys.argv[1:]:
        spans: list[dict[str, Any]] = []
        with recorded_job(spans) as traced:
            JOBS[name](traced)
        print(json.dumps({name: spans}))
