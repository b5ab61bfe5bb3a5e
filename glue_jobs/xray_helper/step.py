# SPDX-License-Identifier: Apache-2.0
"""One step of a job: a ``with`` block that becomes a subsegment."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING

from xray_helper.context.places import Place, leave, leave_step
from xray_helper.record.annotations import describe
from xray_helper.step_scope import Output, StepScope

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from xray_helper.observers import Frames, StepHandle
    from xray_helper.settings import Measure


class Step:
    """A step; made by ``Job.step`` or ``xray_helper.step``, entered with ``with``.

    The span keeps its end time but stays open until the job ends: only then it is known which Spark stages
    ran what this step planned.

    Parameters
    ----------
    name
        Name of the span.
    measure
        None, ``"rows"`` or ``"time"``; read by the Spark observer.
    scope
        What the step reports to; None outside of any job.

    Attributes
    ----------
    start_time_ns, end_time_ns
        Nanoseconds since the epoch; the end is None while the step runs.
    """

    def __init__(self, name: str, *, measure: Measure | None = None, scope: StepScope | None = None) -> None:
        self.name = str(name)
        self.measure = measure
        self.start_time_ns = 0
        self.end_time_ns: int | None = None
        self._scope = scope
        self._span: Span | None = None
        self._place: Place | None = None

    @property
    def span(self) -> Span:
        """The step's OpenTelemetry span; one that records nothing when the job is not traced."""
        from opentelemetry.trace import INVALID_SPAN

        return self._span or INVALID_SPAN

    @property
    def is_traced(self) -> bool:
        """Whether this step has a real span."""
        return self._span is not None

    def set_attribute(self, key: str, value: object) -> None:
        """Describe the step; shown as metadata in X-Ray. None is left out."""
        if self._span is not None and self._scope is not None and value is not None:
            with self._scope.errors("setting an attribute"):
                describe(self._span, key, value)

    def annotate(self, **annotations: object) -> None:
        """Describe the step so that X-Ray can search for it. None values are left out."""
        if self._span is not None and self._scope is not None:
            self._scope.annotate(self, annotations)

    def output(self, frame: Output) -> Output:
        """Show the step what it produced; go on with what is returned.

        Examples
        --------
        >>> with Step("Drop Columns") as drop:
        ...     rows = drop.output([1, 2])
        >>> rows
        [1, 2]
        """
        return frame if self._span is None or self._scope is None else self._scope.output(self, frame)

    def planning_starts(self) -> None:
        """Look at the frames that a line of a script makes from here on."""
        if self._scope is not None:
            self._scope.planning_starts()

    def planned(self, frames: Frames, *, times_ns: tuple[int, int], outer: StepHandle | None) -> None:
        """Be a line of a script that made frames and ran nothing, instead of being entered.

        The first pass of the line has its times; ``outer`` is the step around it.
        """
        if self._scope is None:
            return
        with self._scope.errors("adding a line"):
            if self._span is None:
                self.start_time_ns, self.end_time_ns = times_ns
                self._span = self._scope.line_span(self, times_ns=times_ns, outer=outer)
            if self._span is not None:
                self._scope.line_planned(self, frames)

    def __enter__(self) -> Step:
        self.start_time_ns = time.time_ns()
        if self._scope is not None:
            try:
                with self._scope.errors("starting a step"):
                    self._span = self._scope.start_span(self)
                    self._place = self._scope.enter(self)
                    if self._span is not None:
                        self._scope.started(self)
            except BaseException:  # of a signal handler: the block is not entered, and __exit__ not called
                leave_step(self)
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._scope is None:
            self.end_time_ns = time.time_ns()
            return
        try:
            self.end_time_ns = time.time_ns()
            with self._scope.errors("ending a step"):
                self._scope.ended(self, error)
        finally:  # last: how the step ended is a line of the step
            if self._place is not None:
                leave(self._place)
