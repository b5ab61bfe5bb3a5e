# SPDX-License-Identifier: Apache-2.0
"""Every threshold of the rules, its unit, and where it comes from; docs/findings.md prints this table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

_MIB: Final = 1024 * 1024


def _limit(value: float, unit: str, source: str) -> Any:
    return field(default=value, metadata={"unit": unit, "source": source})


@dataclass(frozen=True)
class Limits:
    """From where on something is worth a sentence."""

    floor_s: float = _limit(1.0, "s", "AWS Glue bills by the second: less cannot be saved")
    floor_share: float = _limit(0.05, "of the job", "judgement: less is within the spread of equal runs")
    critical_share: float = _limit(1 / 3, "of the job", "judgement: the job would be half as long again")

    skew_ratio: float = _limit(
        5.0, "times the median", "spark.sql.adaptive.skewJoin.skewedPartitionFactor, default 5"
    )
    skew_tasks: int = _limit(
        3, "tasks", "of two tasks the median is the shorter one: a cold start looks like skew"
    )
    spill_bytes: int = _limit(
        128 * _MIB, "bytes", "one partition as Spark plans it: spark.sql.files.maxPartitionBytes, 128 MiB"
    )
    gc_share: float = _limit(
        0.1, "of task time", "Spark UI, page Executors: red from 10 % on (GC_TIME_PERCENT)"
    )
    wait_share: float = _limit(0.25, "of the stage", "judgement: as much as the viewer's word for skew")
    fetch_share: float = _limit(0.25, "of task time", "judgement: as above")
    few_tasks_s: float = _limit(
        10.0, "s", "judgement: shorter stages gain little from more tasks, and small data is no fault"
    )
    unsplit_bytes: int = _limit(
        8 * _MIB, "bytes", "twice spark.sql.files.openCostInBytes (4 MiB): a file that can be split, is"
    )
    tiny_tasks: int = _limit(5_000, "tasks", "DataFlint 0.9.8, alert on small tasks")
    tiny_task_ms: float = _limit(200.0, "ms", "Spark's tuning guide: efficient for tasks as short as 200 ms")
    slow_host_ratio: float = _limit(
        3.0, "times the others", "spark.speculation.multiplier of Spark 4, default 3"
    )

    idle_share: float = _limit(0.5, "of the cores", "DataFlint 0.9.8, alert on idle cores")
    idle_job_s: float = _limit(300.0, "s", "judgement: in a shorter job the start is most of it")
    startup_s: float = _limit(30.0, "s", "judgement: Glue 2.0 and newer start in about 10 s")
    rejected_share: float = _limit(0.2, "of the rows", "judgement: the sample of this project rejects 8 %")

    broadcast_bytes: int = _limit(10**9, "bytes", "DataFlint 0.9.8, alert on broadcasts over 1 GB")
    tiny_side_bytes: int = _limit(10 * _MIB, "bytes", "spark.sql.autoBroadcastJoinThreshold, default 10 MiB")
    join_ratio: float = _limit(10.0, "times the small side", "judgement: else the shuffle saved is small")
    join_bytes: int = _limit(10**8, "bytes", "judgement: less is shuffled in a second or two")
    cross_join_rows: int = _limit(10**10, "rows", "DataFlint 0.9.8, alert on cross joins")
    small_file_bytes: int = _limit(3_000_000, "bytes", "DataFlint 0.9.8, alert on small files")
    small_files: int = _limit(100, "files", "DataFlint 0.9.8, alert on small files")
    scan_partitions: int = _limit(10, "partitions", "judgement: of fewer little can be left out")
    scan_bytes: int = _limit(10**9, "bytes", "judgement: about 10 s of one core that reads Parquet")
    python_share: float = _limit(0.5, "of task time", "judgement: more than all else together")
    python_s: float = _limit(
        30.0, "s", "measured: Python workers took up to 18 s to start on a busy machine of 2 cores"
    )
    driver_share: float = _limit(0.5, "of the step", "judgement: more than all else together")
    driver_s: float = _limit(
        60.0,
        "s",
        "measured: a cold JVM planned for up to 39 s on a busy machine; Glue bills a minute at least",
    )
    executions: int = _limit(50, "executions", "judgement: a loop over days or tables has fewer")


LIMITS: Final = Limits()
