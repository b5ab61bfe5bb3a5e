# SPDX-License-Identifier: Apache-2.0
"""Pipelines of lazy steps, with the truth about each of them."""

from __future__ import annotations

import pandas as pd
from pyspark.sql import Window
from pyspark.sql import functions as F  # noqa: N812 - its usual name

from tests.spark.xray_helper.scenery import Scene, pipeline
from xray_helper import Job


@pipeline(truth={"Read": "!executed", "Cast": "!executed", "Rank": "!executed", "Hash": "!executed"})
def window(job: Job, scene: Scene) -> None:
    with job.step("Read") as step:
        frame = step.output(scene.csv())
    with job.step("Cast") as step:
        frame = step.output(frame.withColumn("price", F.col("price").cast("double")))
    with job.step("Rank") as step:
        order = Window.partitionBy("town").orderBy("price")
        frame = step.output(frame.withColumn("rank", F.rank().over(order)))
    with job.step("Hash") as step:
        frame = step.output(frame.withColumn("hash", F.sha2("name", 256)))
    with job.step("Write"):
        scene.run(frame)


@pipeline(truth={"Dead": "!eliminated", "Sum": "!executed"})
def dead_column(job: Job, scene: Scene) -> None:
    frame = scene.read(job)
    with job.step("Dead") as step:
        frame = step.output(frame.withColumn("dead", F.sha2("name", 256)))
    with job.step("Sum") as step:
        frame = step.output(frame.groupBy("town").agg(F.sum("price").alias("sum")))
    with job.step("Write"):
        scene.run(frame)


@pipeline(truth={"Fill": "!eliminated", "Filter": "!executed", "Agg": "!executed"})
def dead_fill(job: Job, scene: Scene) -> None:
    frame = scene.read(job)
    with job.step("Fill") as step:
        frame = step.output(frame.fillna({"name": "nobody"}))
    with job.step("Filter") as step:
        frame = step.output(frame.filter("price > 10"))
    with job.step("Agg") as step:
        frame = step.output(frame.groupBy("town").agg(F.avg("price").alias("mean")))
    with job.step("Write"):
        frame.collect()


@pipeline(truth={"Hash": "!inlined", "Concat": "!executed"})
def inlined_column(job: Job, scene: Scene) -> None:
    frame = scene.read(job)
    with job.step("Hash") as step:
        frame = step.output(frame.withColumn("a", F.sha2("name", 256)))
    with job.step("Concat") as step:
        frame = step.output(frame.withColumn("b", F.concat("a", F.lit("x"))).drop("a"))
    with job.step("Write"):
        scene.run(frame)


@pipeline(truth={"Double": "!inlined", "Filter": "!executed"})
def column_inside_a_filter(job: Job, scene: Scene) -> None:
    frame = scene.typed()
    with job.step("Double") as step:
        frame = step.output(frame.withColumn("p2", F.col("price") * 2))
    with job.step("Filter") as step:
        frame = step.output(frame.filter("p2 > 10").drop("p2"))
    with job.step("Write"):
        scene.run(frame)


@pipeline(truth={"Rename": "unknown", "Upper": "!executed"})
def rename(job: Job, scene: Scene) -> None:
    """A rename computes nothing: neither executed nor eliminated would be true."""
    frame = scene.typed()
    with job.step("Rename") as step:
        frame = step.output(frame.withColumnRenamed("name", "title"))
    with job.step("Upper") as step:
        frame = step.output(frame.withColumn("upper", F.upper("title")))
    with job.step("Write"):
        scene.run(frame)


@pipeline(truth={"Upper": "executed", "Lower": "executed", "Union": "executed"})
def union(job: Job, scene: Scene) -> None:
    frame = scene.typed()
    with job.step("Upper") as step:
        upper = step.output(frame.withColumn("case", F.upper("name")))
    with job.step("Lower") as step:
        lower = step.output(frame.withColumn("case", F.lower("name")))
    with job.step("Union") as step:
        both = step.output(upper.union(lower))
    with job.step("Write"):
        scene.run(both)


@pipeline(truth={"Upper": "!executed", "Highest": "!executed", "Join": "executed"})
def self_join(job: Job, scene: Scene) -> None:
    frame = scene.typed()
    with job.step("Upper") as step:
        frame = step.output(frame.withColumn("upper", F.upper("name")))
    with job.step("Highest") as step:
        highest = step.output(frame.groupBy("town").agg(F.max("price").alias("highest")))
    with job.step("Join") as step:
        joined = step.output(frame.join(highest, "town"))
    with job.step("Write"):
        scene.run(joined)


@pipeline(truth={"Length": "!executed", "Long": "!executed", "Count": "!executed"})
def cache(job: Job, scene: Scene) -> None:
    frame = scene.typed()
    with job.step("Length") as step:
        frame = step.output(frame.withColumn("length", F.length("name"))).cache()
    with job.step("Long") as step:
        long = step.output(frame.filter("length > 2"))
    with job.step("First"):
        scene.run(long)
    with job.step("Count") as step:
        counts = step.output(frame.groupBy("length").agg(F.count("id").alias("ids")))
    with job.step("Second"):
        counts.collect()


@pipeline(truth={"Hash": "!executed", "After": "!executed"})
def checkpoint_between(job: Job, scene: Scene) -> None:
    frame = scene.typed()
    with job.step("Hash") as step:
        frame = step.output(frame.withColumn("hash", F.sha2("name", 256)))
    with job.step("Checkpoint"):
        frame = frame.checkpoint()
    with job.step("After") as step:
        frame = step.output(frame.withColumn("upper", F.upper("hash")))
    with job.step("Write"):
        scene.run(frame)


@pipeline(truth={"Read": "!executed", "Drop": "!inlined", "Upper": "!executed"})
def drop(job: Job, scene: Scene) -> None:
    with job.step("Read") as step:
        frame = step.output(scene.csv())
    with job.step("Drop") as step:
        frame = step.output(frame.drop("other"))
    with job.step("Upper") as step:
        frame = step.output(frame.withColumn("upper", F.upper("name")))
    with job.step("Write"):
        scene.run(frame)


@pipeline(truth={"Drop": "unknown", "Upper": "!executed"})
def drop_of_a_used_column(job: Job, scene: Scene) -> None:
    """The dropped column is needed before: no scan leaves it out."""
    frame = scene.typed().filter("other <> 'o7'")
    with job.step("Drop") as step:
        frame = step.output(frame.drop("other"))
    with job.step("Upper") as step:
        frame = step.output(frame.withColumn("upper", F.upper("name")))
    with job.step("Write"):
        scene.run(frame)


@pipeline(truth={"Dedup": "!executed", "Upper": "!executed"})
def duplicates(job: Job, scene: Scene) -> None:
    frame = scene.typed()
    with job.step("Before") as step:
        frame = step.output(frame)
    with job.step("Dedup") as step:
        frame = step.output(frame.dropDuplicates(["town", "name"]))
    with job.step("Upper") as step:
        frame = step.output(frame.withColumn("upper", F.upper("town")))
    with job.step("Write"):
        scene.run(frame)


@pipeline(truth={"First": "!eliminated", "Second": "!executed"})
def same_expression_twice(job: Job, scene: Scene) -> None:
    frame = scene.read(job)
    with job.step("First") as step:
        frame = step.output(frame.withColumn("u1", F.upper("name")))
    with job.step("Second") as step:
        frame = step.output(frame.withColumn("u2", F.upper("name")).drop("u1"))
    with job.step("Write"):
        scene.run(frame)


@pipeline(truth={"Hash": "inlined"})
def consumer_that_nobody_showed(job: Job, scene: Scene) -> None:
    """The column is computed inside one that was made while writing: not eliminated."""
    frame = scene.read(job)
    with job.step("Hash") as step:
        frame = step.output(frame.withColumn("a", F.sha2("name", 256)))
    with job.step("Write"):
        scene.run(frame.select("id", F.upper("a").alias("b")))


@pipeline(truth={"Hash": "inlined"})
def filter_that_nobody_showed(job: Job, scene: Scene) -> None:
    frame = scene.read(job)
    with job.step("Hash") as step:
        frame = step.output(frame.withColumn("a", F.sha2("name", 256)))
    with job.step("Write"):
        scene.run(frame.filter("a > '5'").select("id"))


@pipeline(truth={"Upper": "eliminated", "Never": "!executed"})
def simplified_away(job: Job, scene: Scene) -> None:
    """The second step asks for the first one's column in a branch that is never taken."""
    frame = scene.read(job)
    with job.step("Upper") as step:
        frame = step.output(frame.withColumn("a", F.upper("name")))
    with job.step("Never") as step:
        never = F.when(F.lit(False), F.col("a")).otherwise(F.concat("name", "town"))
        frame = step.output(frame.withColumn("b", never).drop("a"))
    with job.step("Write"):
        scene.run(frame)


@pipeline(truth={"Right": "eliminated", "Join": "unknown"})
def join_with_nothing(job: Job, scene: Scene) -> None:
    """The empty side of the join, and what was computed for it, becomes a null."""
    frame = scene.typed()
    with job.step("Right") as step:
        right = frame.filter("false").select("id", F.sha2("name", 256).alias("hash"))
        right = step.output(right)
    with job.step("Join") as step:
        frame = step.output(frame.join(right, "id", "left"))
    with job.step("Write"):
        scene.run(frame)


@pipeline(truth={"Sort": "eliminated", "Count": "!executed"})
def useless_sort(job: Job, scene: Scene) -> None:
    frame = scene.typed()
    with job.step("Before") as step:
        frame = step.output(frame)
    with job.step("Sort") as step:
        frame = step.output(frame.orderBy("price"))
    with job.step("Count") as step:
        frame = step.output(frame.groupBy("town").agg(F.count("id").alias("ids")))
    with job.step("Write"):
        frame.collect()


@pipeline(truth={"Sort": "!executed"})
def sort(job: Job, scene: Scene) -> None:
    with job.step("Read") as step:
        frame = step.output(scene.typed())
    with job.step("Sort") as step:
        frame = step.output(frame.orderBy("price"))
    with job.step("Write"):
        scene.run(frame)


@pipeline(truth={"Hash": "executed"}, in_python=True)
def only_an_rdd_action(job: Job, scene: Scene) -> None:
    """An action on the RDD runs the plan, and Spark keeps no record of which: not eliminated."""
    frame = scene.read(job)
    with job.step("Hash") as step:
        frame = step.output(frame.withColumn("hash", F.sha2("name", 256)))
    with job.step("Count"):
        frame.rdd.map(lambda row: row.hash).count()
        scene.run(scene.csv())


@pipeline(truth={"Hash": "!eliminated", "Upper": "!executed"})
def output_that_nobody_used(job: Job, scene: Scene) -> None:
    frame = scene.read(job)
    with job.step("Hash") as step:
        step.output(frame.withColumn("hash", F.sha2("name", 256)))
    with job.step("Upper") as step:
        other = step.output(frame.withColumn("upper", F.upper("town")))
    with job.step("Write"):
        scene.run(other)


@pipeline(truth={"View": "executed"})
def view_and_a_frame_that_nobody_used(job: Job, scene: Scene) -> None:
    """What the view computes is of a frame that is gone when its step ends."""
    frame = scene.read(job)
    with job.step("View"):
        frame.withColumn("hash", F.sha2("name", 256)).createOrReplaceTempView("hashed")
        unused = frame.withColumn("dead", F.upper("town"))
    with job.step("Write"):
        scene.run(scene.spark.sql("select id, hash from hashed"))
    assert unused is not frame


@pipeline(truth={"Explode": "!executed", "Functions": "!executed", "Map": "!executed"}, in_python=True)
def makers(job: Job, scene: Scene) -> None:
    twice = F.pandas_udf(lambda prices: prices * 2, "double")  # type: ignore[attr-defined, call-overload]

    def same(parts: object) -> object:
        return parts

    frame = scene.typed()
    with job.step("Explode") as step:
        frame = step.output(frame.withColumn("part", F.explode(F.split("name", "n"))))
    with job.step("Functions") as step:
        frame = step.output(frame.withColumn("twice", twice("price")))
    with job.step("Map") as step:
        frame = step.output(frame.mapInPandas(same, frame.schema))  # type: ignore[arg-type]
    with job.step("Write"):
        scene.run(frame)


@pipeline(truth={"Groups": "!executed"}, in_python=True)
def grouped_output(job: Job, scene: Scene) -> None:
    def first(group: pd.DataFrame) -> pd.DataFrame:
        return group.head(1)

    frame = scene.typed()
    with job.step("Groups") as step:
        frame = step.output(frame.groupBy("town").applyInPandas(first, frame.schema))
    with job.step("Write"):
        frame.collect()


@pipeline(truth={"Repartition": "executed", "Upper": "!executed"})
def repartition(job: Job, scene: Scene) -> None:
    with job.step("Repartition") as step:
        frame = step.output(scene.typed().repartition(2))
    with job.step("Upper") as step:
        frame = step.output(frame.withColumn("upper", F.upper("name")))
    with job.step("Write"):
        scene.run(frame)


@pipeline(truth={"Upper": "executed"}, fails=True, in_python=True)
def failed_after_planning(job: Job, scene: Scene) -> None:
    """The plan of a failed execution is no proof: it may have failed before it came so far."""

    def broken(name: str) -> str:
        raise ValueError(name)

    frame = scene.read(job)
    with job.step("Upper") as step:
        frame = step.output(frame.withColumn("upper", F.upper("name")))
    with job.step("Write"):
        scene.run(frame.withColumn("broken", F.udf(broken)("upper")))


@pipeline(truth={"Wide": "!executed", "Dead": "!eliminated"})
def wide_table(job: Job, scene: Scene) -> None:
    """More columns than Spark writes into a plan by default."""
    frame = scene.typed()
    with job.step("Wide") as step:
        columns = [(F.col("price") * number).alias(f"c{number}") for number in range(60)]
        frame = step.output(frame.select("*", *columns))
    with job.step("Dead") as step:
        frame = step.output(frame.withColumn("dead", F.sha2("name", 256)))
    with job.step("Write"):
        scene.run(frame.drop("dead"))


@pipeline(truth={"Thread 0": "executed", "Thread 1": "executed"})
def threads_that_plan(job: Job, scene: Scene) -> None:
    import threading

    gate = threading.Barrier(2)

    def work(number: int) -> None:
        frame = scene.typed()
        with job.step(f"Thread {number}") as step:
            gate.wait(60)
            frame = step.output(frame.withColumn("x", F.col("price") + number))
            gate.wait(60)
        with job.step(f"Write {number}"):
            scene.run(frame)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
