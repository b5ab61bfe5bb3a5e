# SPDX-License-Identifier: Apache-2.0
"""One SparkContext, as one traced job sees it."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

from py4j.protocol import Py4JError

from xray_common.conventions import CACHES_UNREAD, SPARK_VERSION
from xray_helper.context import planning
from xray_helper.error_boundary import LOGGER
from xray_helper.observers import Frames, Observation, SpanSink, StepHandle
from xray_helper.spark.python_functions.functions import Functions
from xray_helper.spark.row_counts.measurements import Measurements
from xray_helper.spark.session.context import NO_TAGS, has_tags
from xray_helper.spark.session.listener_bus import ListenerBus
from xray_helper.spark.session.optional_lineage import OptionalLineage
from xray_helper.spark.session.progress import Progress
from xray_helper.spark.session.step_index import StepIndex
from xray_helper.spark.session.step_tagger import StepTagger
from xray_helper.spark.session.streams import Streams
from xray_helper.spark.spans.executor_lives import ExecutorLives
from xray_helper.spark.spans.operators import PlanOperators
from xray_helper.spark.spans.span_writer import SpanWriter
from xray_helper.spark.spans.stage_executors import StageExecutors
from xray_helper.spark.spans.tasks import TaskStatistics
from xray_helper.spark.spans.totals import Totals
from xray_helper.spark.status_store.status_collector import StatusCollector
from xray_helper.spark.status_store.store import StatusStore
from xray_helper.spark.units import NS_PER_MS


class Connection:
    """Tags the steps of one job in one SparkContext, and writes what they ran."""

    def __init__(self, *, observation: Observation, context: Any) -> None:
        self.context = context
        self._sink = observation.sink
        self._index = StepIndex()
        self._tagger = StepTagger(context, index=self._index, errors=observation.errors)
        self._streams = Streams(self._tagger, errors=observation.errors)
        self._bus = ListenerBus(context)
        self._store = StatusStore(context)
        self._identity = {SPARK_VERSION: context.version, "spark.app.id": context.applicationId}
        self._operators = PlanOperators(store=self._store)
        since_ms = observation.start_time_ns // NS_PER_MS
        self._collector = StatusCollector(store=self._store, tags=self._index, since_ms=since_ms)
        self._executors = ExecutorLives(store=self._store, sink=self._sink, since_ms=since_ms)
        self._spans = SpanWriter(
            sink=self._sink,
            tasks=TaskStatistics(store=self._store),
            stage_executors=StageExecutors(store=self._store),
            operators=self._operators,
            executors=self._store.executors,
            tags=self._index,
        )
        self._lineage = OptionalLineage(
            observation, context=context, store=self._store, current=self._tagger.wanted
        )
        self._measurements = Measurements(self._store)
        self._functions = Functions(
            context, with_calls=observation.watch_aws_calls, since_ns=observation.start_time_ns
        )
        self._dropped_before = self._bus.dropped_events()
        self._totals = Totals()
        self._totals_of: dict[int | None, Totals] = {}
        self._spent_ns = 0
        threading.Thread(target=self._warm_up, name="xray-spark-warm-up", daemon=True).start()
        self._progress = Progress(observation=observation, context=context, step=self._index.running_step)
        self._progress.start()
        self._tagger.start()
        self._streams.start()

    def enter(self, step: StepHandle) -> None:
        """Let what runs in a step from here on be tagged."""
        with self._tagger.own_calls():
            number = self._tagger.enter(step)
            self._lineage.run(lambda follower: follower.enter(number))

    def output(self, step: StepHandle, frame: Any) -> Any:
        """Read a DataFrame that a step made; return it, with a marker in it when its rows are counted."""
        number = self._index.number_of(step)
        if number is None or not _is_data_frame(frame):
            return frame
        self._lineage.run(lambda follower: follower.output(number, frame))
        with planning.ignored():
            return self._measurements.apply(step, frame)

    def planned(self, step: StepHandle, frames: Frames) -> None:
        """Remember what one pass of a line made; a line is a step that calls nothing, and needs no tag."""
        number = self._index.number_of(step)
        if number is None:
            number = self._index.add(step, None)
            self._index.end(step)
        with self._tagger.own_calls():
            self._lineage.run(lambda follower: follower.planned(number, frames))

    def measure(self, function: Any, *, kind: str, step: StepHandle | None) -> tuple[Any, ...] | None:
        """Describe how a worker rebuilds a function of a step so that it is measured."""
        return self._functions.measure(function, kind=kind, step=self._index.number_of(step))

    def leave(self, step: StepHandle) -> None:
        """Restore the previous tags of this thread."""
        number = self._index.number_of(step)
        if number is not None:
            with self._tagger.own_calls():
                self._lineage.run(lambda follower: follower.leave(number))
                self._tagger.leave(step)

    def collect(self, step: StepHandle) -> None:
        """Write what a step has run."""
        number = self._index.number_of(step)
        if number is None:
            return
        with self._timed():
            is_complete = self._bus.drain()
            self._collector.collect()
            self._collector.settle(number)
            self._write(number, step)
            if not is_complete:
                step.set_attribute("spark.harvest.complete", False)

    def close(self) -> None:
        """Write what is left, and what is known about the whole job."""
        ended_ms = time.time_ns() // NS_PER_MS  # before what follows, which is no part of the job
        self.abandon()
        steps = self._index.steps()
        with self._timed():
            self._bus.drain()
            self._collector.collect()
            self._collector.settle(*self._collector.steps())
            self._collector.close()
            for left in sorted(self._collector.steps(), key=lambda number: number or 0):
                self._write(left, steps.get(left), is_last=True)
            self._executors.write(ended_ms)
            self._sink.set_attribute(CACHES_UNREAD, self._operators.caches_read_once() or None)
            self._measurements.write()
            self._functions.write(self._sink, steps)
        self._describe_job()
        with self._timed():
            self._lineage.run(lambda follower: follower.close(steps, is_complete=self._is_complete()))
        self._sink.set_attribute("spark.harvest.time_ms", self._spent_ns // NS_PER_MS)

    def abandon(self) -> None:
        """Stop watching, and leave Spark's client and PySpark as they were."""
        self._progress.stop()
        self._streams.stop()
        self._tagger.stop()
        self._lineage.run(lambda follower: follower.stop())

    @contextlib.contextmanager
    def _timed(self) -> Iterator[None]:
        started_ns = time.perf_counter_ns()
        with self._tagger.own_calls():
            yield
        self._spent_ns += time.perf_counter_ns() - started_ns

    def _warm_up(self) -> None:
        try:
            self._store.warm_up()
        except (Py4JError, OSError) as error:  # Spark is stopping, or refuses: the collector finds out which
            LOGGER.debug("Spark's records cannot be read ahead of time: %s", error)

    def _write(self, number: int | None, step: StepHandle | None, *, is_last: bool = False) -> None:
        actions = self._collector.take(number, is_last=is_last)
        if not actions.executions and not actions.jobs:
            return
        self._lineage.run(lambda follower: follower.add(number, actions))
        totals = self._spans.write(actions, parent=step)
        self._measurements.read(actions)
        self._totals.merge(totals)
        if step is not None:  # a step may run more when its block was left: in threads, in streams
            whole = self._totals_of.setdefault(number, Totals())
            whole.merge(totals)
            _describe(step, whole.attributes())

    def _is_complete(self) -> bool:
        """Return whether everything that the job ran is known."""
        collector = self._collector
        return not (any(collector.missing()) or any(collector.unfinished()) or self._dropped())

    def _dropped(self) -> int:
        return self._bus.dropped_events() - self._dropped_before

    def _describe_job(self) -> None:
        executions, jobs = self._collector.unfinished()
        executions_missing, jobs_missing = self._collector.missing()
        dropped = self._dropped()
        lost = "missing" if dropped else "evicted"
        attributes = {
            "spark.tracing": "executions",
            "spark.tracing.reason": None if has_tags(self.context) else NO_TAGS,
            **self._identity,
            **self._totals.attributes(),
            "spark.executions.unfinished": executions or None,
            "spark.jobs.unfinished": jobs or None,
            f"spark.executions.{lost}": executions_missing or None,
            f"spark.jobs.{lost}": jobs_missing or None,
            "spark.events.dropped": dropped,
        }
        _describe(self._sink, attributes)


def _describe(target: SpanSink | StepHandle, attributes: Mapping[str, object]) -> None:
    for name, value in attributes.items():
        target.set_attribute(name, value)


def _is_data_frame(output: Any) -> bool:
    """Return whether something is a DataFrame of this JVM, not of Spark Connect, and not a stream."""
    return hasattr(output, "_jdf") and not output.isStreaming
