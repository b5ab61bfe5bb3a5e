# SPDX-License-Identifier: Apache-2.0
"""Python functions that Spark's workers run: how their records come back, and become spans.

The records travel in an accumulator, with the result of each task, over a way that Spark has anyway: a worker
need not reach a collector. Spark adds up what successful tasks send, also when it runs a task for a second
time; each record says which attempt of which task it is of, so nothing is taken for something else.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pyspark import cloudpickle
from pyspark.accumulators import AccumulatorParam, AddingAccumulatorParam

from xray_helper.aws_calls.groups import add_group, read_rows
from xray_helper.observers import Priority
from xray_helper.spark.python_functions import worker
from xray_helper.spark.python_functions.records import Measured, Record

if TYPE_CHECKING:
    from xray_helper.observers import SpanSink, StepHandle

MAX_FUNCTIONS: Final = 200  # per job; further ones are not measured, and counted
_pickle: Final[Any] = cloudpickle  # without types


class Functions:
    """The functions of one traced job in one SparkContext; it began at ``since_ns``."""

    def __init__(self, context: Any, *, with_calls: bool, since_ns: int) -> None:
        self._context, self._since_ns = context, since_ns
        self._with_calls = with_calls
        self._lock = threading.Lock()
        self._known: dict[tuple[int, str, int | None], int] = {}
        self._measured: list[Measured] = []
        self._accumulator: Any = None
        self._is_over = False
        self._omitted = 0

    def measure(self, function: Any, *, kind: str, step: int | None) -> tuple[Any, ...] | None:
        """Describe how a worker rebuilds a function of a step, as ``__reduce__`` does; None: unmeasured."""
        with self._lock:
            key = self._known.get((id(function), kind, step))
            if key is None:
                if len(self._measured) == MAX_FUNCTIONS or self._is_over:
                    self._omitted += 1
                    return None
                key = self._known[id(function), kind, step] = len(self._measured)
                self._measured.append(Measured(function, _name(function), kind, step))
            return worker.measured, (
                function,
                kind,
                key,
                self._accumulator or self._start(),
                self._with_calls,
            )

    def write(self, sink: SpanSink, steps: Mapping[int | None, StepHandle]) -> None:
        """Add the spans of the slowest tasks below the steps that planned them, and the number left out."""
        with self._lock:
            self._is_over = True
        texts: dict[int | None, list[str]] = {}
        for measured in self._measured:
            texts.setdefault(measured.step, []).append(str(measured))
            _write(sink, steps.get(measured.step), measured)
        for number, lines in texts.items():
            steps.get(number, sink).set_attribute("spark.python.functions", lines)
        if self._measured:
            tasks = sum(measured.tasks for measured in self._measured)
            kept = sum(len(measured.slowest) for measured in self._measured)
            sink.set_attribute("spark.python.tasks", tasks)
            sink.set_attribute("spark.python.tasks.omitted", tasks - kept)
            sink.set_attribute("spark.python.functions.omitted", self._omitted or None)

    def add(self, records: list[Any]) -> None:
        """Add what a task has sent; never raise, for this runs in Spark's own thread."""
        with self._lock:
            for values in [] if self._is_over else records:
                try:
                    record = Record(*values).placed(since_ns=self._since_ns, came_ns=time.time_ns())
                    self._measured[record.key].add(record)
                except (TypeError, IndexError):
                    continue

    def _start(self) -> Any:
        _pickle.register_pickle_by_value(worker)
        accumulator = self._context.accumulator([], _Records(self))
        _pickle.dumps((worker.measured, accumulator))  # what cannot be pickled fails here, not in a job
        self._accumulator = accumulator
        return accumulator


class _Records(AccumulatorParam):  # type: ignore[type-arg]
    """Takes records on the driver; on a worker it is PySpark's own kind, which keeps a list."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def zero(self, value: list[Any]) -> list[Any]:
        return []

    def addInPlace(self, value1: list[Any], value2: list[Any]) -> list[Any]:  # noqa: N802 - PySpark's name
        self._functions.add(value2)
        return value1

    def __reduce__(self) -> tuple[Any, ...]:
        return AddingAccumulatorParam, ([],)


def _name(function: Any) -> str:
    return str(getattr(function, "__name__", type(function).__name__))


def _write(sink: SpanSink, step: StepHandle | None, measured: Measured) -> None:
    for record in measured.records():
        span = sink.add_span(
            f"Python {measured.name}: partition {record.partition}",
            parent=step,
            start_time_ns=record.start_ns,
            end_time_ns=record.end_ns,
            attributes=measured.attributes(record),
            priority=Priority.DETAIL,
        )
        for group in read_rows(record.calls or ()):
            group.start_ns -= record.ahead_ns
            group.end_ns -= record.ahead_ns
            add_group(sink, group, parent=span)
