# SPDX-License-Identifier: Apache-2.0
"""What a pipeline of the truth test is made of."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyspark
from pyspark import cloudpickle
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - its usual name

from xray_helper import Job
from xray_helper.settings import Measure

ROWS = 1_000
TRUTH = "truth.step"  # a local property: the step that a job was run for
PARTITIONS = 8  # of ``Scene.run_tasks``
MANY_ACTIONS = 60  # where Spark remembers 20


@dataclass
class Scene:
    """Spark and its data: ``id, town, price, name, other`` as CSV text, in two files."""

    spark: SparkSession
    folder: Path

    def data(self) -> Path:
        """Return the folder of the data."""
        path = self.folder / "data"
        if not path.exists():
            path.mkdir()
            for part in range(2):
                lines = (f"{i},t{i % 5},{i * 0.5},n{i % 50},o{i}" for i in range(part, ROWS, 2))
                (path / f"{part}.csv").write_text("id,town,price,name,other\n" + "\n".join(lines) + "\n")
        return path

    def csv(self) -> DataFrame:
        """Read the data; all columns are strings."""
        return self.spark.read.csv(str(self.data()), header=True)

    def typed(self) -> DataFrame:
        """Read the data with a number as price."""
        return self.csv().withColumn("price", F.col("price").cast("double"))

    def read(self, job: Job) -> DataFrame:
        """Read the data in a step of its own, so that all that follows is known."""
        with job.step("Read it") as step:
            return step.output(self.typed())

    def count_for(self, step: str, rows: int = 3) -> int:
        """Count some rows, and let Spark's event log say for which step."""
        self.spark.sparkContext.setLocalProperty(TRUTH, step)
        counted = self.spark.range(rows).count()
        self.spark.sparkContext.setLocalProperty(TRUTH, None)  # type: ignore[arg-type]
        return counted

    def run_tasks(self, work: Callable[[int], None]) -> None:
        """Run one task per partition, in Python."""

        def task(partition: int, rows: Iterable[int]) -> Iterable[int]:
            work(partition)
            yield sum(rows)

        parts = self.spark.sparkContext.parallelize(range(10 * PARTITIONS), PARTITIONS)
        parts.mapPartitionsWithIndex(task).collect()

    def run(self, frame: DataFrame) -> None:
        """Compute all of a DataFrame and throw it away."""
        frame.write.format("noop").mode("overwrite").save()


@functools.cache
def why_no_python_functions() -> str | None:
    """Return why this PySpark's workers cannot run a function of this Python; None when they can."""
    pickle: Any = cloudpickle  # without types
    try:
        pickle.loads(pickle.dumps(lambda: True))()
    except TypeError as error:  # of a code object whose fields it does not know
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        return f"PySpark {pyspark.__version__} cannot pickle functions of Python {python}: {error}"
    return None


Run = Callable[[Job, Scene], dict[str, Any] | None]


@dataclass
class Pipeline:
    """One pipeline and the truth about its steps, found out by hand.

    ``truth`` has for each step with an output what became of it; ``must_know`` names the steps for which
    "unknown" is not good enough.
    """

    run: Run
    truth: dict[str, str] = field(default_factory=dict)
    must_know: frozenset[str] = frozenset()
    fails: bool = False
    measure: Measure | None = None


PIPELINES: dict[str, Pipeline] = {}
LEFT_OUT: dict[str, str] = {}  # pipelines that this Spark cannot run, and why


def pipeline(
    *,
    truth: dict[str, str] | None = None,
    fails: bool = False,
    measure: Measure | None = None,
    in_python: bool = False,
) -> Callable[[Run], Run]:
    """Register a pipeline; a ``!`` before an outcome in ``truth`` says that it must be known.

    One that runs functions ``in_python`` is left out where PySpark cannot hand any to its workers.
    """
    given = truth or {}

    def register(run: Run) -> Run:
        if in_python and (reason := why_no_python_functions()):
            LEFT_OUT[run.__name__] = reason
            return run
        PIPELINES[run.__name__] = Pipeline(
            run=run,
            truth={step: outcome.removeprefix("!") for step, outcome in given.items()},
            must_know=frozenset(step for step, outcome in given.items() if outcome.startswith("!")),
            fails=fails,
            measure=measure,
        )
        return run

    return register
