# SPDX-License-Identifier: Apache-2.0
"""Spark may write the end of an execution before its metrics: they are waited for, not for long."""

from __future__ import annotations

import time
from collections.abc import Iterable

import pytest

from xray_helper.spark.spans.operators import PlanOperators
from xray_helper.spark.status_store.records import Execution
from xray_helper.spark.status_store.status_collector import SETTLE_S
from xray_helper.spark.status_store.store import PlanRecords

NODE = {
    "id": 0,
    "name": "Scan",
    "desc": "",
    "metrics": [{"accumulatorId": 7, "name": "time", "metricType": "timing"}],
}


class Store:
    """Has the metrics of an execution from some reading on."""

    def __init__(self, *, empty_reads: int) -> None:
        self._empty_reads, self.reads = empty_reads, 0

    def plan_graphs(self, executions: Iterable[int]) -> dict[int, PlanRecords]:
        self.reads += 1
        values = {"7": "42 ms"} if self.reads > self._empty_reads else {}
        return {number: PlanRecords([NODE], [], values) for number in executions}


def execution(*, jobs: dict[str, str]) -> Execution:
    return Execution(
        {"executionId": 3, "submissionTime": 0, "completionTime": 900, "jobs": jobs, "errorMessage": ""}
    )


@pytest.mark.parametrize(
    ("empty_reads", "jobs", "shown", "most_reads"),
    [(0, {"1": "SUCCEEDED"}, True, 1), (3, {"1": "SUCCEEDED"}, True, 4), (1, {}, False, 1)],
    ids=["there", "late", "no jobs, so no metrics"],
)
def test_metrics_that_come_late_are_waited_for(
    empty_reads: int, jobs: dict[str, str], shown: bool, most_reads: int
) -> None:
    store = Store(empty_reads=empty_reads)
    operators = PlanOperators(store=store)  # type: ignore[arg-type]
    one = execution(jobs=jobs)
    operators.select([one])
    assert bool(operators.attributes(one)["spark.sql.plan.operators"]) is shown
    assert store.reads == most_reads


def test_metrics_that_never_come_hold_up_nothing() -> None:
    operators = PlanOperators(store=Store(empty_reads=10**9))  # type: ignore[arg-type]
    started = time.monotonic()
    operators.select([execution(jobs={"1": "SUCCEEDED"})])
    assert SETTLE_S <= time.monotonic() - started < SETTLE_S + 2
