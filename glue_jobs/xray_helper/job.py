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

import logging
import os
import time
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from xray_common.scrubbing import add_pattern
from xray_helper.context.current import Current
from xray_helper.error_boundary import ErrorBoundary
from xray_helper.hidden_packages import TRACE, require
from xray_helper.lifecycle.shutdown import await_signal
from xray_helper.logs.job_log import JobLog
from xray_helper.metrics.job_metrics import Metrics
from xray_helper.record.annotations import describe
from xray_helper.record.failures import is_failure
from xray_helper.settings import Settings
from xray_helper.step import Step
from xray_helper.step_scope import StepScope

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

    from xray_helper.export.delivery import DeliveryReport
    from xray_helper.observers import Priority, StepHandle
    from xray_helper.record.job_spans import JobSpans
    from xray_helper.session import Session
    from xray_helper.settings import Measure

_jobs: Final[Current[Job]] = Current("xray_helper_job")


class Job:
    """A job; made by ``traced_job``, entered with ``with``.

    When it is not traced every method still works and costs next to nothing; OpenTelemetry is not even
    imported then.

    Attributes
    ----------
    metrics
        Numbers of the job, see ``Metrics``.
    """

    def __init__(
        self, *, settings: Settings, annotations: Mapping[str, object] | None = None, traced: bool = True
    ) -> None:
        self._settings = settings
        self._errors = ErrorBoundary()
        self.metrics = Metrics(settings=settings, errors=self._errors)
        self._log = JobLog(settings=settings, errors=self._errors)
        self._scope = StepScope(errors=self._errors, log=self._log, metrics=self.metrics)
        self._given = dict(annotations or {})
        self._wanted = traced
        self._start_time_ns = 0
        self._process_id = 0  # a forked child has a copy of the job, whose end is its parent's
        self._session: Session | None = None  # None when the job is not traced
        self._spans: JobSpans | None = None  # its spans

    @property
    def is_traced(self) -> bool:
        """Whether spans are recorded."""
        return self._spans is not None

    @property
    def span(self) -> Span:
        """The job's OpenTelemetry span; one that records nothing when the job is not traced."""
        from opentelemetry.trace import INVALID_SPAN

        return self._spans.root if self._spans else INVALID_SPAN

    @property
    def trace_id(self) -> str | None:
        """X-Ray's id of the trace; None when the job is not traced."""
        return self._spans.trace_id if self._spans else None

    @property
    def tracer(self) -> Tracer:
        """The tracer of this job's own provider; one that records nothing when the job is not traced."""
        from opentelemetry.trace import NoOpTracer

        return self._spans.tracer if self._spans else NoOpTracer()

    @property
    def delivery(self) -> DeliveryReport | None:
        """What became of the job's spans; None until a traced job has ended."""
        return self._session.delivery if self._session else None

    @property
    def telemetry_faults(self) -> int:
        """How often telemetry failed so far; each kind of failure is logged once."""
        return self._errors.faults

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
        return Step(name, measure=measure or self._settings.measure, scope=self._scope)

    def annotate(self, **annotations: object) -> None:
        """Describe the job so that X-Ray can search for it: ``annotation.rows_read > 1000``.

        ``run_id`` also goes into the job's log lines, unless ``--run_id`` has said it.
        """
        run_id = annotations.get("run_id")
        if run_id is not None and not self._settings.run_id:
            self.metrics.join_run(str(run_id))
            self._log.join_run(str(run_id))
        if self._spans is not None:
            with self._errors("annotating the job"):
                self._spans.annotations.add(self._spans.root, annotations)

    def set_attribute(self, key: str, value: object) -> None:
        """Describe the job; shown as metadata in X-Ray. None is left out."""
        if self._spans is not None and value is not None:
            with self._errors("setting an attribute"):
                describe(self._spans.root, key, value)

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

        if self._spans is None:
            return INVALID_SPAN
        with self._errors("adding a span"):
            return self._spans.add(
                str(name),
                parent=parent if parent is None or isinstance(parent, Span) else parent.span,
                times_ns=(start_time_ns, end_time_ns),
                attributes=attributes or {},
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
        self._log.write(message, level, **values)

    def spill_to(self, uri: str) -> None:
        """Set where spans are written that could not be sent: a folder, ``s3://``, ``file://`` or a path."""
        if self._session is not None:
            self._session.spill_uri = uri

    def __enter__(self) -> Job:
        _jobs.enter(self)
        self._process_id = os.getpid()
        self._start_time_ns = time.time_ns()
        if self._settings.scrub_patterns:
            with self._errors("reading the pattern of secrets"):
                add_pattern(self._settings.scrub_patterns)
        self._log.start()
        if self._wanted or self.metrics.is_on:
            with self._errors("finding OpenTelemetry"):
                from xray_helper import zip_packages

                zip_packages.install()
        if self._wanted:
            with self._errors("starting the trace"):
                self._start_session()
        self._log.started(self.trace_id)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        end_time_ns = time.time_ns()
        is_ours = os.getpid() == self._process_id
        _jobs.leave(self)
        if self._session is not None:
            with self._errors("ending the trace"):
                self._session.end(error, end_time_ns)
        elif self.metrics.is_on and is_ours:
            from xray_helper.metrics.otlp import finish_metrics

            finish_metrics(
                self.metrics,
                start_ns=self._start_time_ns,
                end_ns=end_time_ns,
                failed=is_failure(error),
                deadline=time.monotonic() + self._settings.end_budget_s,
            )
        if is_ours:
            self._log.ended("Job", start_ns=self._start_time_ns, end_ns=end_time_ns, error=error)
        self._log.stop()
        if self._session is not None:
            await_signal()

    def _start_session(self) -> None:
        require(*TRACE)
        try:
            from xray_helper.session import Session
        except ImportError as error:
            raise ImportError(f"{error}: {self._how_to_install()}") from error
        session = self._session = Session(
            settings=self._settings,
            errors=self._errors,
            metrics=self.metrics,
            sink=self,
            start_time_ns=self._start_time_ns,
            log_progress=self._log.is_on,
        )
        self._spans = session.spans
        self._scope.trace(session.spans, session.observer)
        caller = {"caller": self._settings.caller} if self._settings.caller else {}
        self.annotate(job_name=self._settings.job_name, **caller, **self._given)

    def _how_to_install(self) -> str:
        if self._settings.job_run_id:
            return "name the library's zip in --extra-py-files of the job, or run glue-xray attach JOB"
        from xray_common.installing import install_command

        return f"{install_command()} brings the packages"


def current_job() -> Job | None:
    """Find the job around this code; in a thread of its own, the job that was entered last."""
    return _jobs.find()


def plan_function(function: Any, *, kind: str) -> tuple[Any, ...] | None:
    """Return how a function is pickled so that workers measure it for the current job; None: as it is."""
    job = current_job()
    return job._scope.function_planned(function, kind=kind) if job is not None else None
