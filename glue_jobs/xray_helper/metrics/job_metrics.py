# SPDX-License-Identifier: Apache-2.0
"""Numbers of a job, as OpenTelemetry metrics: few names, tags that tell them apart, one export at the end.

Asked for with ``--metrics on`` and an ``--otlp_endpoint``. Own metrics in a job take three lines::

    with traced_job("nightly load") as job:
        job.metrics.count("orders", 17, shop="a")
        job.metrics.record("order.value", 12.5)

Without metrics every method still works and does nothing; OpenTelemetry is not even imported then.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Final, Literal, Union

from xray_common.scrubbing import scrub_document
from xray_helper.error_boundary import ErrorBoundary
from xray_helper.record.sendable import is_sendable
from xray_helper.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import MetricsData

# CloudWatch bills each name with its tags as a metric of its own: about 0.30 USD a month while it is sent.
MAX_SERIES: Final = 200  # of one job
JOB_DURATION: Final = "job.duration"
STEP_DURATION: Final = "job.step.duration"
_NS_PER_S: Final = 1_000_000_000
_SCOPE: Final = "xray_helper"
_Kind = Literal["counter", "gauge", "histogram"]
_METHODS: Final[dict[_Kind, str]] = {"counter": "add", "gauge": "set", "histogram": "record"}
Tag = Union[str, int, float, bool]  # an alias is evaluated, and Python 3.9 has no "|" for types


class Metrics:
    """The metrics of one job; every one carries the tag ``job_name``.

    Examples
    --------
    >>> metrics = Metrics(settings=Settings(job_name="nightly"), errors=ErrorBoundary())
    >>> metrics.count("orders", 17, shop="a")
    >>> metrics.is_on
    False
    """

    def __init__(self, *, settings: Settings, errors: ErrorBoundary) -> None:
        self.endpoint = settings.otlp_endpoint
        self.is_on = settings.metrics and self.endpoint is not None
        self._settings = settings
        self._errors = errors
        self._tags: dict[str, Tag] = {"job_name": settings.job_name}
        self._run: dict[str, Tag] = {}
        if settings.run_id:
            self.join_run(settings.run_id)
        self._instruments: dict[tuple[str, _Kind], Any] = {}
        self._series: set[tuple[str, frozenset[tuple[str, Tag]]]] = set()
        self._waiting: deque[tuple[_Kind, str, float, str, dict[str, Tag]]] = deque()
        self._measuring = threading.local()
        self._process_id = 0  # of the one that has made the reader
        self._reader: Any = None
        self._meter: Any = None

    def join_run(self, run_id: str) -> None:
        """Set the run that this job is a part of; matters only where metrics carry it.

        Then each value is sent twice, without ``run_id`` and with it: dashboards and alarms stay the same.
        """
        if self._settings.metrics_run_id:
            self._run = {"run_id": run_id}

    def count(self, name: str, value: float = 1, *, unit: str = "1", **tags: Tag) -> None:
        """Add to a sum: rows, bytes, calls.

        Parameters
        ----------
        name
            What is counted, such as ``orders``: lower case, dots between words.
        value
            How much is added; a negative one is refused.
        unit
            ``1``, ``s``, ``ms``, ``By``: those that CloudWatch knows.
        tags
            What tells the series apart. Each value is a further series: no ids, no names of files.
        """
        self._put("counter", name, value, unit, tags)

    def gauge(self, name: str, value: float, *, unit: str = "1", **tags: Tag) -> None:
        """Keep the last value: a share, a size, a depth."""
        self._put("gauge", name, value, unit, tags)

    def record(self, name: str, value: float, *, unit: str = "1", **tags: Tag) -> None:
        """Add to a distribution, of which CloudWatch shows count, sum, average, least and greatest."""
        self._put("histogram", name, value, unit, tags)

    def step_over(self, step: str, *, start_ns: int, end_ns: int) -> None:
        """Record how long a step took."""
        self.record(STEP_DURATION, (end_ns - start_ns) / _NS_PER_S, unit="s", step=step)

    def job_over(self, *, start_ns: int, end_ns: int, failed: bool) -> None:
        """Record how long the job took, and how it ended."""
        seconds = (end_ns - start_ns) / _NS_PER_S
        self.record(JOB_DURATION, seconds, unit="s", status="failed" if failed else "ok")

    def collect(self) -> MetricsData | None:
        """Take everything measured since the last call; None where there is nothing."""
        collected: MetricsData | None = self._reader.get_metrics_data() if self._reader else None
        return collected

    def _put(self, kind: _Kind, name: str, value: float, unit: str, tags: dict[str, Tag]) -> None:
        """Measure; OpenTelemetry's locks are free.

        A handler or a finalizer that measures on top of this thread leaves it to what it interrupted. A
        forked child, whose metrics nobody sends, may have the lock of a thread that it does not have.
        """
        if not self.is_on or self._is_copy:
            return
        self._waiting.append((kind, name, value, unit, tags))
        if getattr(self._measuring, "is_here", False):
            return
        self._measuring.is_here = True
        try:
            while self._waiting:
                with contextlib.suppress(IndexError):  # another thread has taken it
                    self._measure(*self._waiting.popleft())
        finally:
            self._measuring.is_here = False

    @property
    def _is_copy(self) -> bool:
        return self._reader is not None and os.getpid() != self._process_id

    def _measure(self, kind: _Kind, name: str, value: float, unit: str, tags: dict[str, Tag]) -> None:
        with self._errors(f"measuring {name}"):
            instrument = self._instruments.get((name, kind)) or self._make(kind, name, unit)
            own = scrub_document({**tags, **self._tags})
            for series in (own, {**own, **self._run}) if self._run else (own,):
                if self._admit(name, series):
                    getattr(instrument, _METHODS[kind])(value if is_sendable(value) else float(value), series)

    def _admit(self, name: str, tags: dict[str, Tag]) -> bool:
        """Return whether a series may be made; count it as a fault when there are too many."""
        series = (name, frozenset(tags.items()))
        if series in self._series:
            return True
        if len(self._series) == MAX_SERIES:
            self._errors.count("adding a metric", ValueError(f"more than {MAX_SERIES} series, as of {name}"))
            return False
        self._series.add(series)
        return True

    def _make(self, kind: _Kind, name: str, unit: str) -> Any:
        if self._meter is None:
            self._start()
        # CloudWatch refuses UCUM's annotations, such as {row}; they mean 1.
        made = getattr(self._meter, f"create_{kind}")(name, unit="1" if unit.startswith("{") else unit)
        self._instruments[name, kind] = made
        return made

    def _start(self) -> None:
        """Make a provider of this job's own; the global one, a user's, is neither set nor asked."""
        from opentelemetry.sdk.metrics import Counter, Histogram, MeterProvider
        from opentelemetry.sdk.metrics.export import AggregationTemporality, InMemoryMetricReader
        from opentelemetry.sdk.resources import Resource

        from xray_helper.record.resource import resource_attributes

        # Delta: of a cumulative sum the awsemf exporter drops the first value, which here is the only one
        # (its setting retain_initial_value_of_delta_metric).
        instruments: tuple[type, ...] = (Counter, Histogram)
        delta = dict.fromkeys(instruments, AggregationTemporality.DELTA)
        self._process_id = os.getpid()
        self._reader = InMemoryMetricReader(preferred_temporality=delta)
        provider = MeterProvider(
            metric_readers=[self._reader],
            resource=Resource(resource_attributes(self._settings)),
            shutdown_on_exit=False,
        )
        self._meter = provider.get_meter(_SCOPE)
