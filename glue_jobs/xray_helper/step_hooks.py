# SPDX-License-Identifier: Apache-2.0
"""What a job does when one of its steps starts, shows what it produced, and ends."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from xray_helper.step import CURRENT_STEP, Output, Step

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from xray_helper.job import Job
    from xray_helper.observers import StepObserver


class StepHooks:
    """The hooks of one job; its steps call them, and so do the Python functions planned in a step."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def start_span(self, step: Step) -> Span:
        """Start the span of a step below the step around it, else below the job."""
        if self._job.tracing is None:
            raise RuntimeError(f"The step {step.name!r} belongs to a job that is not traced.")
        outer = CURRENT_STEP.get()
        parent = outer.span if outer is not None and outer.job is self._job and outer.is_traced else None
        return self._job.tracing.start_step(step, parent)

    def started(self, step: Step) -> None:
        """Tell the observer."""
        observer = self._observer()
        if observer is not None:
            with self._job.guard("observing the start of a step"):
                observer.step_started(step)

    def ended(self, step: Step, error: BaseException | None) -> None:
        """Write how the step ended, a failure on its span too, and tell the observer."""
        job, end_time_ns = self._job, step.end_time_ns or time.time_ns()
        job.metrics.step_over(step.name, start_ns=step.start_time_ns, end_ns=end_time_ns)
        job.lines.ended("Step", start_ns=step.start_time_ns, end_ns=end_time_ns, error=error)
        if job.tracing is None or not step.is_traced:
            return
        job.tracing.step_over(step, error)
        observer = self._observer()
        if observer is not None:
            with job.guard("observing the end of a step"):
                observer.step_ended(step, error)

    def output(self, step: Step, frame: Output) -> Output:
        """Let the observer see what a step produced."""
        observer = self._observer()
        if observer is not None:
            with self._job.guard("observing the output of a step"):
                seen: Output = observer.step_output(step, frame)
                return seen
        return frame

    def function_planned(self, function: Any, *, kind: str) -> tuple[Any, ...] | None:
        """Ask the observer how a function is pickled so that workers measure it; None: as it is."""
        observer = self._observer()
        if observer is not None:
            with self._job.guard("preparing a Python function"):
                return observer.function_planned(function, kind=kind, step=CURRENT_STEP.get())
        return None

    def _observer(self) -> StepObserver | None:
        return self._job.tracing.observer() if self._job.tracing else None
