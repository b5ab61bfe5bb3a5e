# SPDX-License-Identifier: Apache-2.0
"""The spans of one job: its own, those of its steps, and those of what is over."""

from __future__ import annotations

import os
import weakref
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, cast

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, Status, StatusCode

from xray_common.conventions import FAILED_STEP
from xray_common.ids import trace_id_from_int
from xray_helper.observers import Priority
from xray_helper.record.annotations import Annotations, attribute_value
from xray_helper.record.failures import is_failure, record_failure
from xray_helper.record.forked_steps import ForkedSteps
from xray_helper.record.locks import renew_locks
from xray_helper.record.messages import JvmFailure, jvm_failures
from xray_helper.record.readable import finished_span
from xray_helper.record.recorder import Recorder

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

_jobs: Final[weakref.WeakSet[JobSpans]] = weakref.WeakSet()
MAX_OPEN_STEPS: Final = 2_000  # a step beyond these ends at once, and learns nothing later
FORKED_LEFT_OUT: Final = "xray.steps.forked.left_out"


class JobSpans:
    """The spans of one job, in the job's own trace.

    Attributes
    ----------
    root
        The job's own span; it starts with this object.
    annotations
        What X-Ray can search for, on all of the job's spans.
    """

    def __init__(self, recorder: Recorder, *, name: str, start_time_ns: int) -> None:
        self._recorder = recorder
        self._ends: dict[Span, int | None] = {}  # of the steps' open spans; None while the step runs
        self._with_stack: set[int] = set()  # exceptions whose stack is written already
        self._failed_at: dict[int, list[JvmFailure]] = {}  # by the ids of spans
        self._of_child: set[Span] = set()  # running steps that began in this copy of the job
        self._forked = ForkedSteps(trace_id=recorder.trace_id)
        self.annotations = Annotations()
        caller = recorder.parent_context()
        context = (
            trace.set_span_in_context(trace.NonRecordingSpan(caller), Context()) if caller else Context()
        )
        self.root: Span = recorder.tracer.start_span(
            name,
            context=context,
            kind=SpanKind.SERVER,
            start_time=start_time_ns,  # before OpenTelemetry was imported, as log and metrics say
        )
        recorder.prioritize(self.root, Priority.JOB)
        _jobs.add(self)

    @property
    def trace_id(self) -> str:
        """X-Ray's id of the trace."""
        return trace_id_from_int(self._recorder.trace_id)

    @property
    def is_copy(self) -> bool:
        """Whether this is a forked process, and the job is another one's."""
        return self._forked.is_child

    @property
    def tracer(self) -> Tracer:
        """The tracer that makes spans of this trace."""
        return self._recorder.tracer

    def open(self) -> list[Span]:
        """List the spans that have not ended: the job's, then those of its steps as they began."""
        return [self.root, *tuple(self._ends)]

    def start_step(
        self,
        name: str,
        *,
        parent: Span | None,
        start_time_ns: int | None = None,
        priority: Priority = Priority.STEP,
    ) -> Span:
        """Start a step's span below another step's, else below the job's; default: now."""
        context = trace.set_span_in_context(parent or self.root)
        span = self._recorder.tracer.start_span(name, context=context, start_time=start_time_ns)
        self._recorder.prioritize(span, priority)
        self._ends[span] = None
        if self.is_copy:
            self._of_child.add(span)
            self._forked.write(cast(ReadableSpan, span), end_ns=None)
        return span

    def end_step(self, span: Span, name: str, *, error: BaseException | None, end_time_ns: int) -> None:
        """Write how a step ended; its span is ended with the job."""
        if span in self._ends:
            self._ends[span] = end_time_ns
        if error is not None and is_failure(error) and span.is_recording():
            self._record_failure(span, error, end_time_ns)
            self.root.set_attribute(FAILED_STEP, name)
        if self.is_copy:
            self._send_home(span, end_time_ns)
        elif len(self._ends) > MAX_OPEN_STEPS and span.is_recording():
            self._ends.pop(span, None)
            span.end(end_time=end_time_ns)

    def end_steps(self, end_time_ns: int, *, interrupted: bool) -> None:
        """End the spans of all steps, each at its own time; a step that still runs ends with the job."""
        for span, ended_ns in tuple(self._ends.items()):
            if ended_ns is None and interrupted:
                span.set_status(Status(StatusCode.ERROR, "not finished when the job was ended"))
            if span.is_recording():
                span.end(end_time=ended_ns or end_time_ns)
        self._bring_home(end_time_ns)

    def fail(self, error: BaseException, *, end_time_ns: int) -> None:
        """Write on the job's span what made the job fail."""
        self._record_failure(self.root, error, end_time_ns)

    def add(
        self,
        name: str,
        *,
        parent: Span | None,
        times_ns: tuple[int, int],
        attributes: Mapping[str, object],
        priority: Priority | None,
        error: tuple[str, str] | None,
    ) -> Span:
        """Add a span of something that is over; ``error`` is the type and the message of what failed."""
        root = self.root.get_span_context()
        above = parent.get_span_context() if parent else root
        context = self._recorder.new_context()
        failed_at = self._failed_at.get(above.span_id)
        if failed_at:  # kept for what is below: Spark 3.3 does not say of an execution that it failed
            self._failed_at[context.span_id] = failed_at
        if failed_at and error:
            error = next(filter(None, (one.described(error) for one in failed_at)), error)
        span = finished_span(
            name,
            context=context,
            parent=above if above.is_valid else root,
            resource=self._recorder.resource,
            times_ns=times_ns,
            attributes={
                key: attribute_value(value) for key, value in attributes.items() if value is not None
            },
            error=error,
        )
        if priority is not None:
            self._recorder.prioritize(span, priority)
        self._recorder.adopt(span)
        return trace.NonRecordingSpan(context)

    def _send_home(self, span: Span, end_time_ns: int) -> None:
        """Write a step of a forked process to the job's own; what began there ends there."""
        self._ends.pop(span, None)
        if span in self._of_child:
            self._of_child.discard(span)
            self._forked.write(cast(ReadableSpan, span), end_ns=end_time_ns)

    def _bring_home(self, end_time_ns: int) -> None:
        """Adopt the steps of forked processes."""
        spans, left_out = self._forked.read(resource=self._recorder.resource, end_ns=end_time_ns)
        for span in spans:
            self._recorder.prioritize(span, Priority.STEP)
            self._recorder.adopt(span)
        if left_out:
            self.root.set_attribute(FORKED_LEFT_OUT, left_out)

    def _record_failure(self, span: Span, error: BaseException, timestamp_ns: int) -> None:
        """Write an exception on a span; its stack on the first span that it passes."""
        record_failure(span, error, timestamp_ns=timestamp_ns, with_stack=id(error) not in self._with_stack)
        self._with_stack.add(id(error))
        failures = list(jvm_failures(error))
        if failures:
            self._failed_at[span.get_span_context().span_id] = failures


def _renew_in_child() -> None:
    """Unlock what a thread had locked that is not in this process."""
    for job in tuple(_jobs):
        for span in job.open():
            renew_locks(span)


os.register_at_fork(after_in_child=_renew_in_child)
