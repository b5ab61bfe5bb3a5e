# SPDX-License-Identifier: Apache-2.0
"""One pipeline, run many times: 20 good runs of varied size, then one of each degraded kind.

``python -m tests.nightly.trace_history.orders FOLDER`` writes a trace file per run into ``FOLDER/good`` and
``FOLDER/<kind>``. The work of a row is a wait, as of a remote call, so that it is known how long a run
takes. One that took much longer tells of a busy machine, and is run again.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any, Final

from pyspark.sql import DataFrame, SparkSession

from xray_helper import traced_job
from xray_helper.export.delivery import FILE_ONLY
from xray_helper.settings import Settings

CORES: Final = 8
PARTITIONS: Final = 8
OVERHEAD_S: Final = 1.3  # of Spark in a run, at most; 0.6 to 1.0 on an idle machine of two cores
ATTEMPTS: Final = 3
SIZES: Final = tuple(int(1_000 * 12 ** (number * 7 % 20 / 19)) for number in range(20))  # to 12,000, mixed
_WAIT: Final = "CASE WHEN id % {} = 0 THEN java_method('java.lang.Thread', 'sleep', 10L) END"
_LOOK_UP, _ADD_UP = _WAIT.format(10), _WAIT.format(30)
_EVEN: Final = "id % 997"
_SKEWED: Final = "IF(id % 17 < 10, 0, id % 997)"  # one partition of eight has ten times the rows of another


def main(folder: Path) -> None:
    """Run the pipeline in all its ways."""
    spark = start_spark(CORES, folder)
    for _ in range(3):
        _run(spark, folder / "warm-up", 1_000)
    for rows in SIZES:
        _undisturbed(spark, folder / "good", rows, _look_up_s(rows) + _add_up_s(rows))
    rows = max(SIZES)
    hot = 10 / 17 * PARTITIONS  # times the rows of an even partition
    _undisturbed(spark, folder / "skewed", rows, _look_up_s(rows) + hot * _add_up_s(rows), shop=_SKEWED)
    _undisturbed(spark, folder / "uncached", rows, 2 * _look_up_s(rows) + _add_up_s(rows), is_cached=False)
    spark.stop()
    spark = start_spark(CORES // 2, folder)
    for _ in range(2):
        _run(spark, folder / "warm-up", 1_000)
    _undisturbed(spark, folder / "halved", rows, 2 * (_look_up_s(rows) + _add_up_s(rows)))
    spark.stop()


def _look_up_s(rows: int) -> float:
    return rows / 10 * 0.01 / CORES


def _add_up_s(rows: int) -> float:
    return rows / 30 * 0.01 / CORES


def _undisturbed(spark: SparkSession, folder: Path, rows: int, waits_s: float, **changes: Any) -> None:
    """Run the pipeline until it took as long as it waits, and keep the trace of that run alone."""
    known = set(folder.glob("*"))
    for _ in range(ATTEMPTS):
        for disturbed in set(folder.glob("*")) - known:
            disturbed.unlink()
        if _run(spark, folder, rows, **changes) <= waits_s + OVERHEAD_S:
            return
    print(f"{rows} rows: the machine was busy in {ATTEMPTS} attempts", file=sys.stderr)


def start_spark(cores: int, folder: Path) -> SparkSession:
    """Start Spark with so many cores."""
    spark = (
        SparkSession.builder.master(f"local[{cores}]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.local.dir", str(folder / "local"))
        .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
        .config("spark.driver.memory", "1g")
        .config("spark.sql.codegen.wholeStage", "false")  # little of the processor: a busy one matters little
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def _run(spark: SparkSession, folder: Path, rows: int, *, shop: str = _EVEN, is_cached: bool = True) -> float:
    data = str(folder.parent / "data" / f"{rows}-{shop is _EVEN}")
    numbers = spark.range(0, rows, 1, PARTITIONS).selectExpr("id", f"{shop} AS shop")
    numbers.write.mode("overwrite").parquet(data)
    folder.mkdir(exist_ok=True)
    settings = Settings(job_name="orders", otlp_endpoint=FILE_ONLY, spill_uri=str(folder), checkpoint_s=1e9)
    begun = time.monotonic()
    with traced_job(settings=settings, annotations={"rows_read": rows}) as job:
        with job.step("Read Data") as step:
            orders = step.output(spark.read.parquet(data))
        with job.step("Look Up Prices") as step:
            priced = orders.selectExpr("*", f"{_LOOK_UP} AS price")
            priced = step.output(priced.persist() if is_cached else priced)
        with job.step("Write Prices"):
            _write(priced)
        with job.step("Write Totals"):
            _write(priced.repartition(PARTITIONS, "shop").selectExpr("*", f"{_ADD_UP} AS total"))
        took = time.monotonic() - begun
    priced.unpersist(blocking=True)
    return took


def _write(frame: DataFrame) -> None:
    frame.write.format("noop").mode("overwrite").save()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
