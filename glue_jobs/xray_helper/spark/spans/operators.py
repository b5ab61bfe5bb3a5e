# SPDX-License-Identifier: Apache-2.0
"""The final (adaptive) plans of the longest executions: their operators' times, and what they did."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from typing import Any, Final

from xray_helper.spark.spans.plan_caches import PlanCaches
from xray_helper.spark.spans.plan_facts import plan_facts
from xray_helper.spark.spans.plan_graph import PlanGraph
from xray_helper.spark.status_store.records import Execution, Record
from xray_helper.spark.status_store.status_collector import PAUSE_S, SETTLE_S
from xray_helper.spark.status_store.store import PlanRecords, StatusStore

MIN_EXECUTION_MS: Final = 200  # below, reading the plan (some ms) is not worth it
MAX_EXECUTIONS: Final = 10  # per step, the longest
MAX_OPERATORS: Final = 12  # per execution, the slowest
MAX_CHARS: Final = 80  # of one operator's text
_TIME_METRICS: Final = frozenset({"timing", "nsTiming"})
_UNITS_MS: Final = {"ms": 1.0, "s": 1_000.0, "m": 60_000.0, "h": 3_600_000.0}
_DURATION: Final = re.compile(r"([\d.,]+) (ms|s|m|h)\b")


class PlanOperators:
    """Reads plans of the longest executions only."""

    def __init__(self, *, store: StatusStore) -> None:
        self._store = store
        self._wanted: dict[int, PlanRecords] = {}
        self._caches = PlanCaches()

    def select(self, executions: list[Execution]) -> None:
        """Choose the executions whose plans are worth reading."""
        long = [execution for execution in executions if execution.duration_ms >= MIN_EXECUTION_MS]
        longest = sorted(long, key=lambda execution: -execution.duration_ms)[:MAX_EXECUTIONS]
        self._wanted = self._read_settled(longest)
        self._caches.skip(execution.id for execution in executions if execution.id not in self._wanted)

    def _read_settled(self, executions: list[Execution]) -> dict[int, PlanRecords]:
        """Read plans; wait, not for long, for the metrics of what ran jobs.

        Spark may write the end of an execution before it has added up its metrics, in a thread of its own
        (``SQLAppStatusListener.onExecutionEnd``); until then the store has none.
        """
        deadline = time.monotonic() + SETTLE_S
        found = self._store.plan_graphs(execution.id for execution in executions)
        ran_jobs = [execution.id for execution in executions if execution.job_ids]
        while (late := [number for number in ran_jobs if not found[number].values]) and (
            time.monotonic() < deadline
        ):
            time.sleep(PAUSE_S)
            found |= self._store.plan_graphs(late)
        return found

    def attributes(self, execution: Execution) -> dict[str, Any]:
        """List operators as ``name: time``, the slowest first, and what the plan did."""
        plan = self._wanted.pop(execution.id, None)
        if plan is None:
            return {}
        graph = PlanGraph(plan.nodes, plan.edges, plan.values)
        self._caches.add(execution.id, graph)
        timed = sorted(_timed(plan.nodes, plan.values), key=lambda item: -item[0])
        shown = [text for _, text in timed[:MAX_OPERATORS]]
        return {
            "spark.sql.plan.operators": shown or None,
            "spark.sql.plan.operators.omitted": len(timed) - len(shown) or None,
            **plan_facts(graph),
        }

    def caches_read_once(self) -> list[int]:
        """Name the executions that filled a cache for nobody; to be asked when all have been read."""
        return self._caches.read_once(self._read)

    def _read(self, executions: Iterable[int]) -> dict[int, PlanGraph]:
        plans = self._store.plan_graphs(executions)
        return {number: PlanGraph(plan.nodes, plan.edges, {}) for number, plan in plans.items()}


def _timed(nodes: list[Record], values: dict[str, str]) -> Iterator[tuple[float, str]]:
    """Yield each time metric of each node with its text; a sum over tasks, not a part of the wall time."""
    for node in nodes:
        for metric in node["metrics"]:
            text = values.get(str(metric["accumulatorId"]))
            total = _milliseconds(text) if text and metric["metricType"] in _TIME_METRICS else None
            if total:
                label = f"{node['name']} {metric['name']}"[:MAX_CHARS]
                yield total, f"{label}: {total:.0f} ms"


def _milliseconds(text: str) -> float | None:
    """Read Spark's text of a time; the total where min, med and max follow it."""
    found = _DURATION.search(text.splitlines()[-1])
    return float(found[1].replace(",", "")) * _UNITS_MS[found[2]] if found else None
