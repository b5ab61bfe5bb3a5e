# SPDX-License-Identifier: Apache-2.0
"""One step of a job: a ``with`` block that becomes a subsegment."""

from __future__ import annotations

import contextvars
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from xray_helper.logs import correlation
from xray_helper.record.annotations import attribute_value

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from xray_helper.job import Job
    from xray_helper.settings import Measure

Output = TypeVar("Output")

CURRENT_STEP: Final[contextvars.ContextVar[Step | None]] = contextvars.ContextVar(
    "xray_helper_step", default=None
)


class Step:
    """A step; made by ``Job.step`` or ``xray_helper.step``, entered with ``with``.

    The span keeps its end time but stays open until the job ends: only then it is known which Spark stages
    ran what this step planned.

    Attributes
    ----------
    name
        Name of the span.
    measure
        None, ``"rows"`` or ``"time"``; read by the Spark observer.
    start_time_ns, end_time_ns
        Nanoseconds since the epoch; the end is None while the step runs.
    """

    def __init__(self, *, job: Job | None, name: str, measure: Measure | None = None) -> None:
        self.name = str(name)
        self.measure = measure
        self.job = job
        self.start_time_ns = 0
        self.end_time_ns: int | None = None
        self._span: Span | None = None
        self._tokens: list[tuple[Any, Any]] = []
        self._log_token: contextvars.Token[str | None] | None = None

    @property
    def span(self) -> Span:
        """The step's OpenTelemetry span; one that records nothing when the job is not traced."""
        from opentelemetry.trace import INVALID_SPAN

        return self._span or INVALID_SPAN

    @property
    def is_traced(self) -> bool:
        """Tell whether this step has a real span."""
        return self._span is not None

    def set_attribute(self, key: str, value: object) -> None:
        """Describe the step; shown as metadata in X-Ray. None is left out."""
        if self._span is not None and self.job is not None and value is not None:
            with self.job.guard("setting an attribute"):
                self._span.set_attribute(key, attribute_value(value))

    def annotate(self, **annotations: object) -> None:
        """Describe the step so that X-Ray can search for it. None values are left out."""
        if self._span is not None and self.job is not None:
            with self.job.guard("annotating a step"):
                self.job.annotations.add(self._span, annotations)

    def output(self, frame: Output) -> Output:
        """Show the step what it produced; go on with what is returned.

        Examples
        --------
        >>> with Step(job=None, name="Drop Columns") as drop:
        ...     rows = drop.output([1, 2])
        >>> rows
        [1, 2]
        """
        if self._span is None or self.job is None:
            return frame
        return self.job.hooks.output(self, frame)

    follow = output

    def __enter__(self) -> Step:
        self.start_time_ns = time.time_ns()
        if self.job is not None and self.job.lines.is_on:
            self._log_token = correlation.enter_step(self.name)
        if self.job is not None and self.job.is_traced:
            with self.job.guard("starting a step"):
                self._span = self.job.hooks.start_span(self)
                self._enter_context(self._span)
                self.job.hooks.started(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end_time_ns = time.time_ns()
        if self.job is None:
            return
        with self.job.guard("leaving a step's context"):
            self._leave_context()
        with self.job.guard("ending a step"):
            self.job.hooks.ended(self, error)
        if self._log_token is not None:  # last: how the step ended is a line of the step
            with self.job.guard("leaving a step's log"):
                correlation.leave_step(self._log_token)

    def _enter_context(self, span: Span) -> None:
        """Make the span the parent of what starts inside the block, in this thread."""
        from opentelemetry import context, trace

        token = context.attach(trace.set_span_in_context(span))
        self._tokens = [(context.detach, token), (CURRENT_STEP.reset, CURRENT_STEP.set(self))]

    def _leave_context(self) -> None:
        while self._tokens:
            undo, token = self._tokens.pop()
            undo(token)
