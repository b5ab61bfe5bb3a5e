# SPDX-License-Identifier: Apache-2.0
"""One SparkContext, as one traced job sees it."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from typing import Any

from py4j.protocol import Py4JError

from xray_helper.error_boundary import LOGGER
from xray_helper.observers import Observation, StepHandle
from xray_helper.spark.lineage.follower import Planning
from xray_helper.spark.lineage.plan_capture import is_data_frame
from xray_helper.spark.python_functions.functions import Functions
from xray_helper.spark.row_counts.measurements import Measurements
from xray_helper.spark.session.context import NO_TAGS, has_tags
from xray_helper.spark.session.listener_bus import ListenerBus
from xray_helper.spark.session.progress import Progress
from xray_helper.spark.session.step_tagger import Marks, Saved
from xray_helper.spark.spans.operators import PlanOperators
from xray_helper.spark.spans.span_writer import SpanWriter
from xray_helper.spark.spans.tasks import TaskStatistics
from xray_helper.spark.spans.totals import Totals
from xray_helper.spark.status_store.status_collector import Harvest
from xray_helper.spark.status_store.store import StatusStore
from xray_helper.spark.units import NS_PER_MS


class Connection:
    """Marks steps in one SparkContext and harvests them."""

    def __init__(self, *, observation: Observation, context: Any) -> None:
        self.context = context
        self._sink, self._errors = observation.sink, observation.errors
        self._marks = Marks()
        self._next_number = itertools.count(1)  # two threads may ask at once
        self._numbers: dict[StepHandle, int] = {}
        self._saved: dict[StepHandle, Saved] = {}
        self._bus = ListenerBus(context)
        self._store = StatusStore(context)
        self._identity = {"spark.version": context.version, "spark.app.id": context.applicationId}
        self._harvest = Harvest(
            store=self._store, marks=self._marks, since_ms=observation.start_time_ns // NS_PER_MS
        )
        tasks = TaskStatistics(store=self._store)
        self._spans = SpanWriter(sink=self._sink, tasks=tasks, operators=PlanOperators(store=self._store))
        self._planning: Planning | None = None
        if observation.follow_lineage:
            with self._errors("starting to follow plans"):
                self._planning = Planning(context=context, store=self._store)
        self._measurements = Measurements(self._store)
        self._functions = Functions(context, with_calls=observation.watch_aws_calls)
        self._dropped_before = self._bus.dropped_events()
        self._totals = Totals()
        self._spent_ns = 0
        threading.Thread(target=self._warm_up, name="xray-spark-warm-up", daemon=True).start()
        self._progress = Progress(observation=observation, context=context, step=self._running_step)
        self._progress.start()

    def enter(self, step: StepHandle) -> None:
        """Mark what this thread runs from here on."""
        number = next(self._next_number)
        self._numbers[step] = number
        self._saved[step] = self._marks.set(self.context, number=number, name=step.name)
        self._plan(lambda planning: planning.enter(number))

    def output(self, step: StepHandle, frame: Any) -> Any:
        """Look at a DataFrame that a step made; returns it, or with a marker in it when rows are measured."""
        number = self._numbers.get(step)
        if number is None or not is_data_frame(frame):
            return frame
        self._plan(lambda planning: planning.output(number, frame))
        return self._measurements.apply(step, frame)

    def measure(self, function: Any, *, kind: str, step: StepHandle | None) -> tuple[Any, ...] | None:
        """Describe how a worker rebuilds a function of a step so that it is measured."""
        number = self._numbers.get(step) if step is not None else None
        return self._functions.measure(function, kind=kind, step=number)

    def leave(self, step: StepHandle) -> None:
        """Restore the marks of this thread."""
        saved = self._saved.pop(step, None)
        if saved is not None:
            self._plan(lambda planning: planning.leave(self._numbers[step]))
            self._marks.restore(self.context, saved)

    def harvest(self, step: StepHandle) -> None:
        """Write what a step has run."""
        number = self._numbers.get(step)
        if number is None:  # started before Spark was there
            return
        started_ns = time.perf_counter_ns()
        is_complete = self._bus.drain()
        self._harvest.collect()
        self._harvest.settle(number)
        self._write(number, step)
        if not is_complete:
            step.set_attribute("spark.harvest.complete", False)
        self._spent_ns += time.perf_counter_ns() - started_ns

    def close(self) -> None:
        """Write what is left, and what is known about the whole job."""
        self._progress.stop()
        started_ns = time.perf_counter_ns()
        self._bus.drain()
        self._harvest.collect()
        self._harvest.close()
        steps = {number: step for step, number in self._numbers.items()}
        for left in sorted(self._harvest.steps(), key=lambda number: number or 0):
            self._write(left, steps.get(left) if left is not None else None, is_last=True)
        self._measurements.write()
        self._functions.write(self._sink, steps)
        self._spent_ns += time.perf_counter_ns() - started_ns
        self._describe_job()
        started_ns = time.perf_counter_ns()
        self._plan(lambda planning: planning.close(steps, is_complete=not self._lost_anything()))
        self._spent_ns += time.perf_counter_ns() - started_ns
        self._sink.set_attribute("spark.harvest.time_ms", self._spent_ns // NS_PER_MS)

    def stopped(self, reason: str) -> None:
        """Say what is known about the job when Spark was stopped inside it: the steps that ended before."""
        self._progress.stop()
        attributes = {"spark.tracing": "executions", "spark.tracing.reason": reason}
        for name, value in {**attributes, **self._identity, **self._totals.attributes()}.items():
            self._sink.set_attribute(name, value)

    def _warm_up(self) -> None:
        try:
            self._store.warm_up()
        except (Py4JError, OSError) as error:  # Spark is stopping, or refuses: the harvest tells which
            LOGGER.debug("Spark's records cannot be read ahead of time: %s", error)

    def _running_step(self) -> str | None:
        running = list(self._saved)  # in one go: other threads enter and leave steps
        return running[-1].name if running else None

    def _plan(self, work: Callable[[Planning], None]) -> None:
        """Follow plans as long as that works: executions are worth more than outcomes."""
        planning = self._planning
        if planning is not None:
            is_over = False
            with self._errors("following plans"):
                work(planning)
                is_over = True
            if not is_over:
                self._planning = None

    def _lost_anything(self) -> bool:
        missing = self._harvest.jobs_missing + self._harvest.executions_missing
        return bool(missing or any(self._harvest.unfinished()) or self._dropped())

    def _dropped(self) -> int:
        return self._bus.dropped_events() - self._dropped_before

    def _write(self, number: int | None, step: StepHandle | None, *, is_last: bool = False) -> None:
        actions = self._harvest.take(number, is_last=is_last)
        if not actions.executions and not actions.jobs:
            return
        self._plan(lambda planning: planning.add(actions))
        totals = self._spans.write(actions, parent=step, executors=self._store.executors)
        self._measurements.look_at(actions)
        self._totals.merge(totals)
        if step is not None:
            for name, value in totals.attributes().items():
                step.set_attribute(name, value)

    def _describe_job(self) -> None:
        executions, jobs = self._harvest.unfinished()
        dropped = self._dropped()
        lost = "missing" if dropped else "evicted"
        attributes = {
            "spark.tracing": "executions",
            "spark.tracing.reason": None if has_tags(self.context) else NO_TAGS,
            **self._identity,
            **self._totals.attributes(),
            "spark.executions.unfinished": executions or None,
            "spark.jobs.unfinished": jobs or None,
            f"spark.executions.{lost}": self._harvest.executions_missing or None,
            f"spark.jobs.{lost}": self._harvest.jobs_missing or None,
            "spark.events.dropped": dropped,
        }
        for name, value in attributes.items():
            self._sink.set_attribute(name, value)
