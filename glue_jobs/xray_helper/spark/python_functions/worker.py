# SPDX-License-Identifier: Apache-2.0
"""What runs inside Spark's Python workers: the measuring of one function in one task.

This file travels to the workers inside what Spark pickles for them (``functions.py``): a
worker needs neither this library nor OpenTelemetry. So nothing but the standard library and PySpark is used.

Nothing in here raises, and whatever the function raises goes out as it is.
"""

from __future__ import annotations

import functools
import inspect
import os
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

Function = Callable[..., Any]


def measured(function: Function, kind: str, key: int, accumulator: Any, with_calls: bool = False) -> Function:
    """Rebuild a function so that each task's record of it goes into the accumulator.

    Parameters
    ----------
    function
        What Spark calls.
    kind
        ``row`` is called for each row, ``group`` for each group (or two) and its key, ``aggregate`` for the
        columns of each group, ``batch`` for each batch, or once with an iterator of batches.
    key
        Names function and step on the driver.
    accumulator
        Spark sends its value to the driver when the task has succeeded, and never else.
    with_calls
        Whether calls of the AWS SDK are counted; for that the worker needs this library.
    """
    task = _Task(key, accumulator, with_calls)

    def of_batches(*args: Any, **kwargs: Any) -> Any:
        given = task.begin(args, kwargs, kind)
        started, waited = task.enter(), task.waited
        result = function(*given, **kwargs)
        task.add(started, waited)
        return task.timed(result) if hasattr(result, "__next__") else result

    def of_a_row(*args: Any, **kwargs: Any) -> Any:
        if not task.began:
            task.start()
        started = task.enter()
        result = function(*args, **kwargs)
        task.add(started, 0)
        task.record[10] += 1
        return result

    chosen = functools.wraps(function)(of_a_row if kind == "row" else of_batches)
    try:
        chosen.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        return function  # Spark looks at the arguments, and would take it for another function
    return chosen


class _Task:
    """The record of one function in one task.

    ``[key, task attempt id, stage, partition, attempt, host, process, start, end, units, rows, time]``: units
    are batches, groups or calls, times are nanoseconds, start and end by the worker's clock. Last come the
    calls of the AWS SDK (``xray_helper.aws_calls.groups``), None where they are not watched.
    """

    def __init__(self, key: int, accumulator: Any, with_calls: bool) -> None:
        self.record: list[Any] = [key, 0, 0, 0, 0, "", 0, 0, 0, 0, 0, 0, None]
        self._with_calls = with_calls
        self._calls: Any = None
        self.began = 0
        self.waited = 0  # nanoseconds in which the function waited for its input
        self._accumulator = accumulator

    def start(self) -> None:
        """Fill the record in at the first call; one that cannot be filled in stays here."""
        self.began, now = time.perf_counter_ns(), time.time_ns()
        try:
            from pyspark import TaskContext

            task = TaskContext.get()
            if task is not None:
                ids = [task.taskAttemptId(), task.stageId(), task.partitionId(), task.attemptNumber()]
                self.record[1:9] = [*ids, socket.gethostname(), os.getpid(), now, now]
                self._accumulator.add([self.record])
            if self._with_calls:
                from xray_helper.aws_calls.watch import TaskCalls

                self._calls = TaskCalls()
        except Exception:  # noqa: S110 - there is no log to write to, and the driver counts tasks without records
            pass

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any], kind: str) -> tuple[Any, ...]:
        """Count what a call is given; return what to call with."""
        if not self.began:
            self.start()
        if any(hasattr(one, "__next__") for one in args):
            return tuple(self._counted(one) if hasattr(one, "__next__") else one for one in args)
        frames = [one for one in args if hasattr(one, "columns")] if kind == "group" else []
        self._count(*(frames or [*args, *kwargs.values()][:1]))
        return args

    def enter(self) -> int:
        """Return the time (nanoseconds) before the function works."""
        if self._calls is not None:
            self._calls.enter()
        return time.perf_counter_ns()

    def add(self, started: int, waited: int) -> None:
        """Add the time since ``started`` without what was waited since then."""
        if self._calls is not None:
            self.record[12] = self._calls.rows()
        now = time.perf_counter_ns()
        self.record[11] += now - started - (self.waited - waited)
        self.record[8] = self.record[7] + now - self.began

    def timed(self, results: Iterator[Any]) -> Iterator[Any]:
        """Hand results on; the function works while the next one is asked for."""
        while True:
            started, waited = self.enter(), self.waited
            try:
                result = next(results)
            except StopIteration:
                return
            finally:
                self.add(started, waited)
            yield result

    def _counted(self, batches: Iterator[Any]) -> Iterator[Any]:
        """Hand input on; until it is there the function waits."""
        while True:
            started = time.perf_counter_ns()
            try:
                batch = next(batches)
            except StopIteration:
                return
            finally:
                self.waited += time.perf_counter_ns() - started
            self.enter()  # the input may be another function's output
            self._count(batch[0] if isinstance(batch, tuple) else batch)
            yield batch

    def _count(self, *batches: Any) -> None:
        self.record[9] += 1
        self.record[10] += sum(len(batch) for batch in batches if hasattr(batch, "__len__"))
