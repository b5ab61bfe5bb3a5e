# SPDX-License-Identifier: Apache-2.0
"""A traced job: one segment, its steps below it.

Example
-------
A Glue job, a Python shell job or a plain script in three lines::

    from xray_helper import traced_job

    with traced_job("nightly load") as job:
        with job.step("Read Data"):
            ...
"""

from __future__ import annotations

import contextvars
import logging
import time
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Final

from xray_helper.error_boundary import ErrorBoundary
from xray_helper.logs.job_log import JobLog
from xray_helper.metrics.job_metrics import Metrics
from xray_helper.record.annotations import Annotations, attribute_value
from xray_helper.record.failures import is_failure
from xray_helper.settings import Settings
from xray_helper.step import Step
from xray_helper.step_hooks import StepHooks

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

    from xray_helper.lifecycle.tracing import Tracing
    from xray_helper.observers import Priority, StepHandle
    from xray_helper.settings import Measure

_CURRENT_JOB: Final[contextvars.ContextVar[Job | None]] = contextvars.ContextVar(
    "xray_helper_job", default=None
)
_RUNNING: Final[list[Job]] = []  # for threads, which do not inherit context variables


class Job:
    """A job; made by ``traced_job``, entered with ``with``.

    When it is not traced every method still works and costs next to nothing; OpenTelemetry is not even
    imported then.
    """

    def __init__(
        self, *, settings: Settings, annotations: Mapping[str, object] | None = None, traced: bool = True
    ) -> None:
        self.settings = settings
        self.guard = ErrorBoundary()
        self.annotations = Annotations()
        self.metrics = Metrics(settings=settings, guard=self.guard)
        self.start_time_ns = 0
        self.failed = False
        self.lines = JobLog(settings=settings, guard=self.guard)
        self.hooks = StepHooks(self)
        self.tracing: Tracing | None = None  # None when the job is not traced
        self._given = dict(annotations or {})
        self._wanted = traced
        self._token: contextvars.Token[Job | None] | None = None

    @property
    def is_traced(self) -> bool:
        """Tell whether spans are recorded."""
        return self.tracing is not None

    @property
    def span(self) -> Span:
        """The job's OpenTelemetry span; one that records nothing when the job is not traced."""
        from opentelemetry.trace import INVALID_SPAN

        return self.tracing.span if self.tracing else INVALID_SPAN

    @property
    def trace_id(self) -> str | None:
        """X-Ray's id of the trace; None when the job is not traced."""
        return self.tracing.trace_id if self.tracing else None

    @property
    def tracer(self) -> Tracer:
        """The tracer of this job's own provider; one that records nothing when the job is not traced."""
        from opentelemetry.trace import NoOpTracer

        return self.tracing.recorder.tracer if self.tracing else NoOpTracer()

    def step(self, name: str, *, measure: Measure | None = None) -> Step:
        """Make a step; enter it with ``with``.

        Parameters
        ----------
        name
            Name of the subsegment; X-Ray keeps 200 characters of it.
        measure
            ``"rows"`` counts the rows that leave the step, ``"time"`` forces it to run by itself. Both only
            with Spark. The argument ``--measure`` sets it for every step that does not say.
        """
        return Step(job=self, name=name, measure=measure or self.settings.measure)

    def annotate(self, **annotations: object) -> None:
        """Describe the job so that X-Ray can search for it: ``annotation.rows_read > 1000``.

        ``run_id`` also goes into the job's log lines, unless ``--run_id`` has said it.
        """
        run_id = annotations.get("run_id")
        if run_id is not None and not self.settings.run_id:
            self.metrics.join_run(str(run_id))
            self.lines.join_run(str(run_id))
        if self.tracing is not None:
            with self.guard("annotating the job"):
                self.annotations.add(self.tracing.span, annotations)

    def set_attribute(self, key: str, value: object) -> None:
        """Describe the job; shown as metadata in X-Ray. None is left out."""
        if self.tracing is not None and value is not None:
            with self.guard("setting an attribute"):
                self.tracing.span.set_attribute(key, attribute_value(value))

    def add_span(
        self,
        name: str,
        *,
        parent: StepHandle | Span | None = None,
        start_time_ns: int,
        end_time_ns: int,
        attributes: Mapping[str, object] | None = None,
        priority: Priority | None = None,
        error: str | None = None,
        error_type: str = "",
    ) -> Span:
        """Add a span of something that is over, with its own times.

        Parameters
        ----------
        name
            Name of the subsegment.
        parent
            A step or a span of this job; default: the job.
        start_time_ns, end_time_ns
            Nanoseconds since the epoch.
        attributes
            Any values; None values are left out.
        priority
            What goes first when the trace grows too large; default ``Priority.DETAIL``.
        error, error_type
            Message and type of what failed; marks the span as a fault.

        Returns
        -------
        Span
            The ended span, to be used as a parent.
        """
        from opentelemetry.trace import INVALID_SPAN, Span

        if self.tracing is None:
            return INVALID_SPAN
        with self.guard("adding a span"):
            return self.tracing.add_span(
                str(name),
                parent=parent if parent is None or isinstance(parent, Span) else parent.span,
                times_ns=(start_time_ns, end_time_ns),
                attributes={
                    key: attribute_value(value)
                    for key, value in (attributes or {}).items()
                    if value is not None
                },
                priority=priority,
                error=(error_type, error) if error is not None else None,
            )
        return INVALID_SPAN

    def log(self, message: str, *, level: int = logging.INFO, **values: object) -> None:
        """Write one line to the job's log; a JSON line with these fields where log correlation is on.

        The standard ``logging`` does as well; this one is read by no handler but ours.

        Examples
        --------
        >>> Job(settings=Settings(), traced=False).log("rejected", reason="invalid_price", rows=17)
        """
        self.lines.write(message, level, **values)

    def spill_to(self, uri: str) -> None:
        """Say where spans are written that could not be sent: a folder, ``s3://``, ``file://`` or a path."""
        if self.tracing is not None:
            self.tracing.spill_uri = uri

    def __enter__(self) -> Job:
        self._token = _CURRENT_JOB.set(self)
        _RUNNING.append(self)
        self.start_time_ns = time.time_ns()
        self.lines.start()
        if self._wanted or self.metrics.is_on:
            with self.guard("finding OpenTelemetry"):
                from xray_helper import zip_packages

                zip_packages.install()
        if self._wanted:
            with self.guard("starting the trace"):
                from xray_helper.lifecycle.tracing import Tracing

                self.tracing = Tracing.start(self)
                caller = {"caller": self.settings.caller} if self.settings.caller else {}
                self.annotate(job_name=self.settings.job_name, **caller, **self._given)
        self.lines.started(self.trace_id)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        end_time_ns = time.time_ns()
        if self in _RUNNING:
            _RUNNING.remove(self)
        if self._token is not None:
            _CURRENT_JOB.reset(self._token)
            self._token = None
        self.failed = is_failure(error)
        if self.tracing is not None:
            with self.guard("ending the trace"):
                self.tracing.finish(error, end_time_ns)
        else:
            self.end_metrics(end_time_ns, deadline=time.monotonic() + self.settings.end_budget_s)
        self.lines.ended("Job", start_ns=self.start_time_ns, end_ns=end_time_ns, error=error)
        self.lines.stop()

    def end_metrics(self, end_time_ns: int, *, deadline: float, interrupted: bool = False) -> None:
        """Measure the job itself and send all metrics, before ``deadline`` (monotonic seconds)."""
        if self.metrics.is_on:
            from xray_helper.metrics.otlp import send_metrics

            failed = self.failed or interrupted
            self.metrics.job_over(start_ns=self.start_time_ns, end_ns=end_time_ns, failed=failed)
            send_metrics(self.metrics, endpoint=self.settings.otlp_endpoint, deadline=deadline)


def current_job() -> Job | None:
    """Find the job around this code; in a thread of its own, the job that was entered last."""
    return _CURRENT_JOB.get() or (_RUNNING[-1] if _RUNNING else None)
