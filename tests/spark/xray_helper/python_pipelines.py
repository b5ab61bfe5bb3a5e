# SPDX-License-Identifier: Apache-2.0
"""Pipelines with Python functions of every kind; what each worker does is known by hand.

1,000 rows in two files: one partition each, so two tasks of 500 rows.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd
from pyspark import TaskContext
from pyspark.sql import functions as F  # noqa: N812 - its usual name

from tests.spark.xray_helper.scenery import Scene, pipeline
from xray_helper import (
    Job,
    traced_apply_in_pandas,
    traced_map_in_pandas,
    traced_pandas_udf,
    traced_udf,
)
from xray_helper.spark.python_functions.records import SLOWEST_TASKS

PAUSE_S = 0.05
MANY_TASKS = 12
LINGER_S = 0.5  # far from what a loaded machine adds to a task


@traced_pandas_udf("double")
def twice(prices: pd.Series) -> pd.Series:
    return prices * 2


@traced_pandas_udf("double")
def patient(batches: Iterator[pd.Series]) -> Iterator[pd.Series]:
    for prices in batches:
        time.sleep(PAUSE_S)
        yield prices


@traced_pandas_udf("double")
def middle(prices: pd.Series) -> float:
    return float(prices.median())


@traced_udf("string")
def upper(name: str) -> str:
    return name.upper()


@pipeline()
def batches_of_series(job: Job, scene: Scene) -> dict[str, Any]:
    scene.spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "200")
    with job.step("Plan"):
        frame = scene.typed().withColumn("price", twice("price"))
    with job.step("Run"):
        total = frame.agg(F.sum("price")).head()
    scene.spark.conf.unset("spark.sql.execution.arrow.maxRecordsPerBatch")
    assert total is not None
    return {"total": total[0]}


@pipeline()
def iterators(job: Job, scene: Scene) -> None:
    def slow_source(batches: Iterable[Any]) -> Iterable[Any]:
        for batch in batches:
            time.sleep(4 * PAUSE_S)
            yield batch

    with job.step("Map"):
        frame = scene.typed()
        frame = frame.mapInPandas(slow_source, frame.schema)
        scene.run(frame.mapInPandas(traced_map_in_pandas(_one_column), "price double"))
    with job.step("Iterate"):
        scene.run(scene.typed().select(patient("price")))


def _one_column(batches: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    for batch in batches:
        yield batch[["price"]]


@pipeline()
def groups(job: Job, scene: Scene) -> dict[str, Any]:
    def first(key: tuple[str], group: pd.DataFrame) -> pd.DataFrame:
        return group.head(1)

    def both(left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"rows": [len(left) + len(right)]})

    towns = scene.typed().groupBy("town")
    with job.step("Group"):
        heads = towns.applyInPandas(traced_apply_in_pandas(first), scene.typed().schema).count()
    with job.step("Aggregate"):
        (medians,) = towns.agg(middle("price").alias("m")).agg(F.sum("m")).collect()
    with job.step("Cogroup"):
        pairs = towns.cogroup(scene.typed().limit(10).groupBy("town"))
        rows = pairs.applyInPandas(traced_apply_in_pandas(both), "rows long").agg(F.sum("rows")).head()
    assert rows is not None
    return {"heads": heads, "medians": medians[0], "rows": rows[0]}


@pipeline()
def single_rows(job: Job, scene: Scene) -> dict[str, Any]:
    with job.step("Upper"):
        names = scene.typed().select(upper("name").alias("name")).distinct().orderBy("name")
        first = names.head()
    assert first is not None
    return {"first": first[0]}


@pipeline()
def one_function_in_two_steps(job: Job, scene: Scene) -> None:
    for name in ("One", "Two"):
        with job.step(name):
            scene.run(scene.typed().select(twice("price")))
    scene.run(scene.typed().select(twice("price")))


@pipeline()
def run_twice(job: Job, scene: Scene) -> None:
    with job.step("Plan"):
        frame = scene.typed().select(twice("price"))
    for _ in range(2):
        scene.run(frame)


@pipeline()
def many_tasks(job: Job, scene: Scene) -> None:
    @traced_udf("long")
    def linger(number: int) -> int:
        time.sleep(LINGER_S if number >= MANY_TASKS - SLOWEST_TASKS else 0)
        return number

    with job.step("Linger"):
        scene.run(scene.spark.range(0, MANY_TASKS, 1, MANY_TASKS).select(linger("id")))


@pipeline()
def fails_once(job: Job, scene: Scene) -> None:
    @traced_udf("long")
    def fragile(number: int) -> int:
        task = TaskContext.get()
        if number == 7 and task is not None and task.attemptNumber() == 0:
            raise ValueError("the first time")
        return number

    with job.step("Try"):
        scene.run(scene.spark.range(0, 10, 1, 1).select(fragile("id")))


@pipeline()
def sql_function(job: Job, scene: Scene) -> dict[str, Any]:
    with job.step("Register"):
        scene.spark.udf.register("twice", twice)
        found = scene.spark.sql("select twice(cast(21 as double)) as answer").head()
    assert found is not None
    return {"answer": found[0], "type": twice.returnType.simpleString()}


@pipeline()
def only_looked_at(job: Job, scene: Scene) -> None:
    with job.step("Look"):
        scene.typed().select(twice("price")).head()
