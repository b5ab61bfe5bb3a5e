# SPDX-License-Identifier: Apache-2.0
"""The traced side of a job: its spans from start to delivery."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import SpanKind

from xray_common.conventions import FAILED_STEP
from xray_common.ids import trace_id_from_int, trace_id_to_int
from xray_common.trace_header import parse_trace_header
from xray_helper.export.checkpoints import Companion
from xray_helper.lifecycle.ending import Ending
from xray_helper.lifecycle.shutdown import watch
from xray_helper.observers import Observation, Priority, StepObserver
from xray_helper.record.failures import is_failure, record_failure
from xray_helper.record.recorder import Recorder
from xray_helper.record.resource import resource_attributes

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from xray_helper.aws_calls.watch import JobCalls
    from xray_helper.job import Job
    from xray_helper.step import Step

MAX_OPEN_STEPS: Final = 2_000  # a step beyond these ends at once, and learns nothing later


class Tracing:
    """Made when a traced job is entered; see ``Tracing.start``."""

    def __init__(self, job: Job) -> None:
        header = parse_trace_header(job.settings.trace_header)
        self.job = job
        self.recorder = Recorder(
            resource=resource_attributes(job.settings),
            trace_id=trace_id_to_int(header.trace_id) if header else None,
            parent_id=int(header.parent_id, 16) if header and header.parent_id else None,
        )
        self.trace_id = trace_id_from_int(self.recorder.trace_id)
        self.spill_uri = job.settings.spill_uri
        self.steps: list[Step] = []
        self._failed: set[int] = set()  # exceptions whose stack is written already
        self._observer: StepObserver | None = None
        self._observer_failed = False
        caller = self.recorder.parent_context()
        context = (
            trace.set_span_in_context(trace.NonRecordingSpan(caller), Context()) if caller else Context()
        )
        self.span: Span = self.recorder.tracer.start_span(
            job.settings.job_name,
            context=context,
            kind=SpanKind.SERVER,
            start_time=job.start_time_ns,  # before OpenTelemetry was imported, as log and metrics say
        )
        self.recorder.prioritize(self.span, Priority.JOB)
        self.companion = Companion(self)
        self.ending = Ending(self)
        self.calls: JobCalls | None = None

    @classmethod
    def start(cls, job: Job) -> Tracing:
        """Start the job's span, the look-up of its parent beside it, and the watch for an early end."""
        tracing = cls(job)
        if job.settings.aws_calls:
            with job.guard("watching the calls of the AWS SDK"):
                from xray_helper.aws_calls.watch import JobCalls

                tracing.calls = JobCalls(tracing)
        tracing.companion.start()
        watch(tracing)
        return tracing

    def observer(self) -> StepObserver | None:
        """Make the observer once the job uses Spark; one that cannot be made is not tried again."""
        if self._observer is None and not self._observer_failed:
            self._observer_failed = True
            with self.job.guard("loading the Spark observer"):
                self._observer = _load_observer(self.job)
                self._observer_failed = False
        return self._observer

    def start_step(self, step: Step, parent: Span | None) -> Span:
        """Start a step's span below another step's, else below the job's."""
        context = trace.set_span_in_context(parent or self.span)
        span = self.recorder.tracer.start_span(step.name, context=context)
        self.recorder.prioritize(span, Priority.STEP)
        self.steps.append(step)
        return span

    def step_over(self, step: Step, error: BaseException | None) -> None:
        """Write how a step ended; its span is ended with the job."""
        if error is not None and is_failure(error):
            ended = step.end_time_ns or time.time_ns()
            record_failure(step.span, error, timestamp_ns=ended, with_stack=self._is_new(error))
            self.span.set_attribute(FAILED_STEP, step.name)
        if len(self.steps) > MAX_OPEN_STEPS:
            self.steps.remove(step)
            step.span.end(end_time=step.end_time_ns)

    def add_span(
        self,
        name: str,
        *,
        parent: Span | None,
        times_ns: tuple[int, int],
        attributes: Mapping[str, Any],
        priority: Priority | None,
        error: tuple[str, str] | None,
    ) -> Span:
        """Add a span that is over."""
        above = (parent or self.span).get_span_context()
        return self.recorder.add(
            name,
            parent=above if above.is_valid else self.span.get_span_context(),
            times_ns=times_ns,
            attributes=attributes,
            priority=priority,
            error=error,
        )

    def finish(self, error: BaseException | None, end_time_ns: int) -> None:
        """End and deliver everything, once; waits no longer than the job's budget for telemetry."""
        if error is not None and is_failure(error) and not self.ending.has_begun:
            record_failure(self.span, error, timestamp_ns=end_time_ns, with_stack=self._is_new(error))
        self.ending.run(end_time_ns)

    def _is_new(self, error: BaseException) -> bool:
        """Tell whether this exception's stack is still to be written."""
        if id(error) in self._failed:
            return False
        self._failed.add(id(error))
        return True


def _load_observer(job: Job) -> StepObserver | None:
    """Return the Spark observer if the job uses PySpark; asked again at each step until it does.

    PySpark is never imported from here: a plain script stays a plain script.
    """
    if "pyspark" not in sys.modules:
        return None
    observation = Observation(
        sink=job,
        errors=job.guard,
        start_time_ns=job.start_time_ns,
        watch_aws_calls=job.settings.aws_calls,
        log_progress=job.lines.is_on,
    )
    observer: StepObserver | None = importlib.import_module("xray_helper.spark").observer(observation)
    return observer
