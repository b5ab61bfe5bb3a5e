# SPDX-License-Identifier: Apache-2.0
"""One job with lineage on, off, and broken at each entrance; ``python -m ...`` prints the spans of each."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

from pyspark.sql import SparkSession
from pyspark.sql import functions as F  # noqa: N812 - its usual name

from tests.spark.xray_helper.degraded_jobs import REFUSAL
from tests.spark.xray_helper.recording import recorded_job
from xray_helper import Job
from xray_helper.spark.spans import operators, span_writer, tasks

WHOLE_PLANS = "spark.sql.debug.maxToStringFields"
# Entrance -> a method that nothing but lineage calls, and how many of its calls succeed.
REFUSED = {
    "start": ("newExprId", 0),
    "enter": ("newExprId", 1),
    "made": (f"get\ns{WHOLE_PLANS}", 0),
    "leave": ("newExprId", 2),
    "close": ("execution", 0),
}


def work(job: Job, spark: SparkSession) -> None:
    """Plan, count and write in steps, one in another, and outside of them."""
    with job.step("Read") as step:
        rows = step.output(spark.range(0, 1_000, 1, 2).withColumn("town", F.col("id") % 7))
    with job.step("Filter") as step:
        rows = step.output(
            rows.filter("id > 99").withColumn(
                "hash", F.sha2(F.col("town").cast("string").cast("binary"), 256)
            )
        )
    with job.step("Outer"), job.step("Group") as step:
        towns = step.output(rows.groupBy("town").agg(F.max("hash").alias("highest")))
        assert len(towns.collect()) == 7
    with job.step("Rows"):
        assert spark.sparkContext.parallelize(range(10), 2).count() == 10
    assert rows.count() == 900


@contextlib.contextmanager
def as_usual() -> Iterator[None]:
    yield


@contextlib.contextmanager
def refused(spark: SparkSession, method: str, allowed: int) -> Iterator[None]:
    """Let the gateway refuse a method from a call on; everything else is Spark's own answer."""
    client: Any = spark.sparkContext._gateway._gateway_client  # type: ignore[union-attr]
    send, calls = client.send_command, []

    def answer(command: str, *arguments: Any, **named: Any) -> Any:
        if f"\n{method}\n" not in command:
            return send(command, *arguments, **named)
        calls.append(command)
        return send(command, *arguments, **named) if len(calls) <= allowed else f"xs{REFUSAL}"

    with mock.patch.object(client, "send_command", answer):
        yield
    assert len(calls) > allowed, f"{method} was never refused"


@contextlib.contextmanager
def raising_in_add() -> Iterator[None]:
    """Follow executions with a part that has an error in it; no call to the JVM is there to be refused."""
    from xray_helper.spark.lineage import execution_plans, follower

    class Broken(execution_plans.ExecutionPlans):
        def add(self, actions: Any) -> None:
            raise KeyError("status")

    with mock.patch.object(follower, "ExecutionPlans", Broken):
        yield


@contextlib.contextmanager
def raising_in_output() -> Iterator[None]:
    """Read outputs with a part that has an error in it; its calls to the JVM are also those of row counts."""
    from xray_helper.spark.lineage.plan_capture import PlanCapture

    with mock.patch.object(PlanCapture, "output", side_effect=KeyError("analyzed")):
        yield


def record(spark: SparkSession, situation: Callable[[], Any], *, lineage: bool) -> dict[str, Any]:
    """Trace the job in a situation; its spans, and what it left behind."""
    spans: list[dict[str, Any]] = []
    with situation(), recorded_job(spans, measure="rows", lineage=lineage) as job:
        work(job, spark)
    facts = {
        "setting": spark.conf.get(WHOLE_PLANS, None),
        "is_imported": "xray_helper.spark.lineage.follower" in sys.modules,
    }
    return {"spans": spans, "facts": facts}


def main() -> None:
    """Run the job in all situations, in one Spark; which spans there are must not depend on times."""
    thresholds = {"TINY_STAGE_MS": 0, "MIN_STAGE_MS": 10**9, "MIN_EXECUTION_MS": 10**9}
    for module in (span_writer, tasks, operators):
        for name in thresholds.keys() & vars(module).keys():
            setattr(module, name, thresholds[name])
    settings = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "3"}
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    situations: dict[str, Callable[[], Any]] = {
        "off": as_usual,
        "on": as_usual,
        "add": raising_in_add,
        "output": raising_in_output,
    }
    for name, (method, allowed) in REFUSED.items():
        situations[name] = lambda method=method, allowed=allowed: refused(spark, method, allowed)  # type: ignore[misc]
    recorded = {
        name: record(spark, situation, lineage=name != "off") for name, situation in situations.items()
    }
    print(json.dumps(recorded))
    spark.stop()


if __name__ == "__main__":
    main()
