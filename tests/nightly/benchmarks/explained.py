# SPDX-License-Identifier: Apache-2.0
"""Which share of a job's time the spans of Spark's executions cover."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pyspark import SparkContext

from xray_helper.spark.status_store.records import Execution, SparkJob
from xray_helper.spark.status_store.store import StatusStore
from xray_helper.spark.units import NS_PER_MS

EXECUTION = {"spark.sql.execution.id", "spark.job.id"}  # a span with one of these is measured by Spark


def union_ns(intervals: Iterable[tuple[int, int]]) -> int:
    """Nanoseconds that at least one of the intervals covers.

    Examples
    --------
    >>> union_ns([(0, 10), (5, 12), (20, 21)])
    13
    """
    covered, reached = 0, 0
    for start, end in sorted(intervals):
        covered += max(0, end - max(start, reached))
        reached = max(reached, end)
    return covered


def executing_share(context: SparkContext, *, start_ns: int, end_ns: int) -> float:
    """Share of a time, just over, in which Spark was executing: what a tracer can explain at most."""
    store = StatusStore(context)
    since_ms = start_ns // NS_PER_MS
    times_ms = [SparkJob.parse(record).times_ms for record in store.jobs_from(0)]
    times_ms += [Execution(record).times_ms for record in store.executions_from(0)]
    mine = [(start * NS_PER_MS, end * NS_PER_MS) for start, end in times_ms if start >= since_ms]
    return union_ns(mine) / (end_ns - start_ns)


def explained_share(spans: Path) -> float:
    """Execution time over job time, of the one job whose spans the file holds as JSON lines.

    The job's time begins with its span; Spark has started before, in the benchmark's one session.
    """
    lines: list[dict[str, Any]] = [json.loads(line) for line in spans.read_text().splitlines()]
    (job,) = [line for line in lines if line["job"]]
    executions = [(line["start_ns"], line["end_ns"]) for line in lines if EXECUTION & set(line["keys"])]
    duration_ns: int = job["end_ns"] - job["start_ns"]
    return union_ns(executions) / duration_ns
