# SPDX-License-Identifier: Apache-2.0
"""What workers have measured of a Python function: all of it counted, the slowest tasks kept."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from xray_common.conventions import FUNCTION_MS, FUNCTION_NAME, FUNCTION_ROWS
from xray_helper.spark.units import NS_PER_MS

SLOWEST_TASKS: Final = 5  # of each function in each step; all are counted
_UNITS: Final = {"batch": "batches", "group": "groups", "aggregate": "calls"}


class Record(NamedTuple):
    """One function in one attempt of one task; see ``worker.py``.

    ``ahead_ns`` is how much the worker's clock is ahead of the driver's, where that shows.
    """

    key: int
    task: int
    stage: int
    partition: int
    attempt: int
    host: str
    process: int
    start_ns: int
    end_ns: int
    units: int
    rows: int
    time_ns: int
    calls: list[tuple[Any, ...]] | None = None
    ahead_ns: int = 0

    def placed(self, *, since_ns: int, came_ns: int) -> Record:
        """Return it with times of the driver's clock if the worker's are none of the job's.

        It ended, as nearly as is known, when it came. An ``ahead_ns`` below 0 is a clock that is behind.
        """
        if since_ns <= self.start_ns and self.end_ns <= came_ns:
            return self
        ahead_ns = self.end_ns - came_ns
        return self._replace(start_ns=self.start_ns - ahead_ns, end_ns=came_ns, ahead_ns=ahead_ns)


@dataclass
class Measured:
    """All records of one function that one step planned; the slowest are kept."""

    function: Any
    name: str
    kind: str
    step: int | None
    tasks: int = 0
    rows: int = 0
    time_ns: int = 0
    slowest: list[tuple[int, int, Record]] = field(default_factory=list)

    def add(self, record: Record) -> None:
        """Count a record, and keep it while it is one of the slowest."""
        self.tasks += 1
        self.rows += record.rows
        self.time_ns += record.time_ns
        item = (record.time_ns, -self.tasks, record)
        if len(self.slowest) < SLOWEST_TASKS:
            heapq.heappush(self.slowest, item)
        else:
            heapq.heappushpop(self.slowest, item)

    def records(self) -> list[Record]:
        """Return the slowest in the order in which they began."""
        return sorted((record for *_, record in self.slowest), key=lambda record: record.start_ns)

    def __str__(self) -> str:
        """Write the sums as one line."""
        if not self.tasks:  # none ran it, or Spark stopped reading before its end, as for head() and show()
            return f"{self.name}: no task reported"
        left = self.tasks - len(self.slowest)
        omitted = f", {left} tasks left out" if left else ""
        return f"{self.name}: {self.tasks} tasks, {self.rows} rows, {self.time_ns // NS_PER_MS} ms{omitted}"

    def attributes(self, record: Record) -> dict[str, Any]:
        """Return the attributes of a record's span."""
        units = _UNITS.get(self.kind)
        return {
            FUNCTION_NAME: self.name,
            **({f"spark.python.{units}": record.units} if units else {}),
            FUNCTION_ROWS: record.rows,
            FUNCTION_MS: round(record.time_ns / NS_PER_MS, 1),
            "spark.python.worker.host": record.host,
            "spark.python.worker.pid": record.process,
            "spark.python.worker.clock_ahead_ms": record.ahead_ns // NS_PER_MS or None,
            "spark.python.partition": record.partition,
            "spark.python.stage.id": record.stage,
            "spark.python.task.attempt_id": record.task,
            "spark.python.task.attempt": record.attempt,
        }
