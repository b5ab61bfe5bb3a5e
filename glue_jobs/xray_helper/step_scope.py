# SPDX-License-Identifier: Apache-2.0
"""What the steps of one job report to: its spans and their observer, its metrics, its log."""

from __future__ import annotations

import contextlib
import contextvars
import time
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from xray_helper.error_boundary import ErrorBoundary
from xray_helper.logs.job_log import JobLog
from xray_helper.metrics.job_metrics import Metrics
from xray_helper.observers import StepHandle

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from xray_helper.observers.safe import SafeObserver
    from xray_helper.record.job_spans import JobSpans

Output = TypeVar("Output")

_current: Final[contextvars.ContextVar[tuple[StepScope, StepHandle] | None]] = contextvars.ContextVar(
    "xray_helper_step", default=None
)


class TimedStep(StepHandle, Protocol):
    """A step with its times, nanoseconds since the epoch; the end is None while it runs."""

    start_time_ns: int
    end_time_ns: int | None

    @property
    def is_traced(self) -> bool:
        """Whether the step has a real span."""


def current_step() -> StepHandle | None:
    """Find the traced step around this code."""
    found = _current.get()
    return found[1] if found else None


class StepScope:
    """The one thing that a step knows of its job.

    Attributes
    ----------
    errors
        Protects the job from what goes wrong in here.
    """

    def __init__(self, *, errors: ErrorBoundary, log: JobLog, metrics: Metrics) -> None:
        self.errors = errors
        self._log, self._metrics = log, metrics
        self._spans: JobSpans | None = None  # None when the job is not traced
        self._observer: SafeObserver | None = None

    def trace(self, spans: JobSpans, observer: SafeObserver) -> None:
        """Let the steps that begin from here on have spans and an observer."""
        self._spans, self._observer = spans, observer

    def enter_log(self, step: StepHandle) -> contextvars.Token[str | None] | None:
        """Name the step in log lines; return what ``leave_log`` takes."""
        return self._log.enter_step(step.name)

    def leave_log(self, token: contextvars.Token[str | None] | None) -> None:
        """Go back to the step around."""
        self._log.leave_step(token)

    def start_span(self, step: StepHandle) -> Span | None:
        """Start the span of a step below the step around it, else below the job; None: not traced."""
        if self._spans is None:
            return None
        scope, outer = _current.get() or (None, None)
        return self._spans.start_step(step.name, parent=outer.span if outer and scope is self else None)

    def enter_context(self, step: StepHandle) -> contextlib.ExitStack:
        """Make the step the parent of what starts in this thread until the returned stack is closed."""
        from opentelemetry import context, trace

        left = contextlib.ExitStack()
        left.callback(context.detach, context.attach(trace.set_span_in_context(step.span)))
        left.callback(_current.reset, _current.set((self, step)))
        return left

    def started(self, step: StepHandle) -> None:
        """Report a traced step to the observer."""
        if self._observer is not None:
            self._observer.step_started(step)

    def ended(self, step: TimedStep, error: BaseException | None) -> None:
        """Write how a step ended, a failure on its span too, and report it to the observer."""
        start_ns, end_ns = step.start_time_ns, step.end_time_ns or time.time_ns()
        self._metrics.step_over(step.name, start_ns=start_ns, end_ns=end_ns)
        self._log.ended("Step", start_ns=start_ns, end_ns=end_ns, error=error)
        if self._spans is not None and self._observer is not None and step.is_traced:
            self._spans.end_step(step.span, step.name, error=error, end_time_ns=end_ns)
            self._observer.step_ended(step, error)

    def annotate(self, step: StepHandle, annotations: dict[str, object]) -> None:
        """Describe a traced step so that X-Ray can search for it."""
        if self._spans is not None:
            with self.errors("annotating a step"):
                self._spans.annotations.add(step.span, annotations)

    def output(self, step: StepHandle, frame: Output) -> Output:
        """Show the observer what a traced step produced; return what the step goes on with."""
        return frame if self._observer is None else self._observer.step_output(step, frame)

    def function_planned(self, function: Any, *, kind: str) -> tuple[Any, ...] | None:
        """Return how a function is pickled so that workers measure it; None: as it is."""
        if self._observer is None:
            return None
        return self._observer.function_planned(function, kind=kind, step=current_step())
