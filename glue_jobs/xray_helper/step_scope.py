# SPDX-License-Identifier: Apache-2.0
"""What the steps of one job report to: its spans and their observer, its metrics, its log."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from xray_helper.context import places
from xray_helper.context.places import Place, current_step
from xray_helper.error_boundary import ErrorBoundary
from xray_helper.logs.job_log import JobLog
from xray_helper.metrics.job_metrics import Metrics
from xray_helper.observers import Frames, Priority, StepHandle

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from xray_helper.observers.safe import SafeObserver
    from xray_helper.record.job_spans import JobSpans

Output = TypeVar("Output")


class TimedStep(StepHandle, Protocol):
    """A step with its times, nanoseconds since the epoch; the end is None while it runs."""

    start_time_ns: int
    end_time_ns: int | None

    @property
    def is_traced(self) -> bool:
        """Whether the step has a real span."""


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
        self._observed: SafeObserver | None = None

    def trace(self, spans: JobSpans, observer: SafeObserver) -> None:
        """Let the steps that begin from here on have spans and an observer."""
        places.heal()
        self._spans, self._observed = spans, observer

    @property
    def _observer(self) -> SafeObserver | None:
        """None in a forked process, too: it shares its parent's connection to the JVM."""
        return None if self._spans is not None and self._spans.is_copy else self._observed

    def start_span(self, step: StepHandle) -> Span | None:
        """Start the span of a step below the step around it, else below the job; None: not traced."""
        if self._spans is None:
            return None
        outer = places.innermost()
        return self._spans.start_step(
            step.name, parent=outer.step.span if outer and outer.owner is self else None
        )

    def line_span(
        self, step: StepHandle, *, times_ns: tuple[int, int], outer: StepHandle | None
    ) -> Span | None:
        """Make the span of a line that only planned; None: not traced."""
        if self._spans is None:
            return None
        start_ns, end_ns = times_ns
        parent = outer.span if outer is not None else None
        span = self._spans.start_step(
            step.name, parent=parent, start_time_ns=start_ns, priority=Priority.LINE
        )
        self._spans.end_step(span, step.name, error=None, end_time_ns=end_ns)
        return span

    def planning_starts(self) -> None:
        """Report to the observer that a line is about to make frames."""
        if self._observer is not None:
            self._observer.planning_starts()

    def line_planned(self, step: StepHandle, frames: Frames) -> None:
        """Report to the observer what one pass of a line made."""
        if self._observer is not None:
            self._observer.line_planned(step, frames)

    def enter(self, step: TimedStep) -> Place:
        """Make the step the parent of what starts here, and of the work that is given to other threads."""
        return places.enter(self, step, is_traced=step.is_traced)

    def started(self, step: StepHandle) -> None:
        """Report a traced step to the observer."""
        if self._observer is not None:
            self._observer.step_started(step)

    def ended(self, step: TimedStep, error: BaseException | None) -> None:
        """Write how a step ended, a failure on its span too, and report it to the observer."""
        start_ns, end_ns = step.start_time_ns, step.end_time_ns or time.time_ns()
        self._metrics.step_over(step.name, start_ns=start_ns, end_ns=end_ns)
        self._log.ended("Step", start_ns=start_ns, end_ns=end_ns, error=error)
        if self._spans is not None and step.is_traced:
            self._spans.end_step(step.span, step.name, error=error, end_time_ns=end_ns)
            if self._observer is not None:
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
