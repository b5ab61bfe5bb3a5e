# SPDX-License-Identifier: Apache-2.0
"""The trace of one job, from start to delivery: the one module that knows all parts.

Record -> observe -> budget -> translate -> export: the recorder keeps spans, the observer adds what it saw,
the budget selects what fits, each span becomes a document, and the exporters deliver.
"""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING, Final, cast

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import Status, StatusCode

from xray_common.conventions import (
    FINDING,
    PARENT_API,
    PARENT_SOURCE,
    SPANS_DROPPED,
    SPANS_MADE,
    TELEMETRY_FAULTS,
    VALUES_CUT,
)
from xray_common.ids import trace_id_to_int
from xray_common.trace_header import parse_trace_header
from xray_helper.budget.selection import Selection, select
from xray_helper.budget.trimming import trim
from xray_helper.context import threads
from xray_helper.error_boundary import LOGGER, ErrorBoundary
from xray_helper.export.checkpoints import CheckpointReporter
from xray_helper.export.delivery import DeliveryReport, deliver
from xray_helper.export.last_line import say
from xray_helper.hidden_packages import AWS_SDK, CALLS, require
from xray_helper.lifecycle.finalizer import End, Finalizer
from xray_helper.lifecycle.shutdown import unwatch, watch
from xray_helper.metrics.job_metrics import Metrics
from xray_helper.observers import Observation, SpanSink
from xray_helper.observers.safe import SafeObserver
from xray_helper.observers.spark_part import import_spark_part, load_observer
from xray_helper.propagation.job_parent import Parent, find_parent
from xray_helper.propagation.parent_run import ParentRun, find_parent_run
from xray_helper.propagation.run_segment import run_segments
from xray_helper.propagation.trace_tree import ParentSource
from xray_helper.record.annotations import describe
from xray_helper.record.failures import is_failure
from xray_helper.record.findings import describe_findings
from xray_helper.record.job_spans import JobSpans
from xray_helper.record.readable import copy_span
from xray_helper.record.recorder import Recorder
from xray_helper.record.resource import deployed_with, resource_attributes
from xray_helper.record.scrubbed import scrubbed
from xray_helper.settings import Settings
from xray_helper.translate.segments import document_bytes

if TYPE_CHECKING:
    from xray_helper.aws_calls.watch import JobCalls

_OBSERVER_SHARE: Final = 0.4  # of the whole time
_PARENT_SHARE: Final = 0.3  # of the time that is left then
_JOB_SPAN_RESERVE_BYTES: Final = 400  # for the attributes that are set last


class Session:
    """The traced side of a job; it has started once it is made.

    Parameters
    ----------
    errors
        Protects the job from every part.
    metrics
        The job's; what became of its spans goes there.
    sink
        Takes what the observer and the AWS calls have to write.
    start_time_ns
        When the job began, nanoseconds since the epoch.
    log_progress
        Whether the progress of Spark's tasks is logged.

    Attributes
    ----------
    spans, observer
        Where the job and its steps write.
    spill_uri
        Where spans go that could not be sent.
    delivery
        What became of the spans; None until the job has ended.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        errors: ErrorBoundary,
        metrics: Metrics,
        sink: SpanSink,
        start_time_ns: int,
        log_progress: bool,
    ) -> None:
        header = parse_trace_header(settings.trace_header)
        run = self._find_parent_run(settings, errors) if header is None else None
        header = run.header if run else header
        self._settings, self._errors, self._metrics, self._sink = settings, errors, metrics, sink
        self._start_time_ns = start_time_ns
        self._recorder = Recorder(
            resource=resource_attributes(settings),
            trace_id=trace_id_to_int(header.trace_id) if header else None,
            parent_id=int(header.parent_id, 16) if header and header.parent_id else None,
        )
        self._above = run_segments(run, self._recorder.parent_context())
        self.spans = JobSpans(self._recorder, name=settings.job_name, start_time_ns=start_time_ns)
        with errors("describing how the job is deployed"):
            for key, value in deployed_with(settings).items():
                describe(self.spans.root, key, value)
        self.spill_uri = settings.spill_uri
        self.delivery: DeliveryReport | None = None
        observation = Observation(
            sink=sink,
            errors=errors,
            start_time_ns=start_time_ns,
            watch_aws_calls=settings.aws_calls,
            log_progress=log_progress,
            follow_lineage=settings.lineage,
        )
        self.observer = SafeObserver(lambda: load_observer(observation), errors=errors)
        trace_id = self.spans.trace_id
        self._checkpoints = CheckpointReporter(
            settings=settings,
            errors=errors,
            open_spans=self.spans.open,
            find_parent=lambda: find_parent(trace_id, settings),
            parent=Parent.known(
                self._recorder.parent_context(), ParentSource.RUN if run else ParentSource.HEADER
            ),
            prepare=functools.partial(import_spark_part, with_lineage=settings.lineage),
        )
        self._finalizer = Finalizer(self._finish, budget_s=settings.end_budget_s, what=f"Trace {trace_id}")
        self._calls = self._watch_calls() if settings.aws_calls else None
        self._checkpoints.start()
        watch(self._end_early)
        threads.follow()

    def end(self, error: BaseException | None, end_time_ns: int) -> None:
        """End and deliver everything, once; waits no longer than the job's budget for telemetry."""
        failed = is_failure(error)
        if error is not None and failed and not self._finalizer.has_begun:
            self.spans.fail(error, end_time_ns=end_time_ns)
        if self._finalizer.run(end_time_ns, failed=failed):
            unwatch(self._end_early)

    def _end_early(self, reason: str) -> None:
        with self._errors("ending the trace early"):
            if not self._finalizer.has_begun:
                self.spans.root.set_status(Status(StatusCode.ERROR, reason))
            self._finalizer.run(time.time_ns(), interrupted=True)

    def _finish(self, end: End) -> None:
        """Finish observing, drain the recorder, select what fits, deliver it, send the metrics."""
        started = time.monotonic()
        threads.unfollow()
        root: ReadableSpan | None = None
        recorded: list[ReadableSpan] = []
        report = DeliveryReport()
        left_out = 0
        with self._errors("delivering the trace"):
            self._finish_observers(end)
            self.spans.end_steps(end.time_ns, interrupted=end.interrupted)
            parent = self._checkpoints.stop(seconds=end.seconds_left * _PARENT_SHARE)
            recorded = [scrubbed(span) for span in self._recorder.take()]
            self._annotate_worst(recorded, end)
            root = self._end_root(parent, end)
            chosen = self._select(recorded, root)
            left_out = self._recorder.made - 1 - len(chosen.spans)
            root = self._conclude(root, chosen, left_out)
            report = deliver(
                [*self._above, trim(root, weigh=document_bytes).span, *chosen.spans],
                otlp_endpoint=self._settings.otlp_endpoint,
                spill_uri=self.spill_uri,
                deadline=end.deadline,
            )
        report.made = self._recorder.made + len(self._above)
        self.delivery = report
        if self._settings.spans_uri and root is not None:
            self._write_otlp_file([*self._above, root, *recorded], self._settings.spans_uri, end)
        with self._errors("saying where the trace is"):
            say(self.spans.trace_id, report, seconds=time.monotonic() - started)
        self._send_metrics(recorded, left_out, report, end)

    def _finish_observers(self, end: End) -> None:
        """Write the calls of the AWS SDK (those of the delivery are not among them), then what Spark did."""
        if self._calls is not None:
            with self._errors("adding the calls of the AWS SDK"):
                root = self.spans.root.get_span_context()
                self._calls.write(self._sink, adopt=self._recorder.adopt, root=root)
        seconds = self._settings.end_budget_s * _OBSERVER_SHARE
        self.observer.job_ended(seconds=seconds / 2 if end.interrupted else seconds)

    def _annotate_worst(self, recorded: list[ReadableSpan], end: End) -> None:
        """Write what was slow on the job's span: its kind, for X-Ray to search, and the sentence."""
        with self._errors("finding what was slow"):
            root = self.spans.root
            found = describe_findings(cast(ReadableSpan, root), recorded, end_time_ns=end.time_ns)
            kind = found.pop(FINDING, None)
            root.set_attributes(found)
            self.spans.annotations.add(root, {FINDING: kind})

    def _end_root(self, parent: Parent, end: End) -> ReadableSpan:
        """End the job's span and give it its parent; whoever writes on it from here on changes nothing."""
        root = self.spans.root
        self.spans.annotations.report(root)
        root.set_attributes(
            {PARENT_SOURCE: parent.source.value} | ({PARENT_API: parent.api} if parent.api else {})
        )
        root.end(end_time=end.time_ns)
        return scrubbed(copy_span(cast(ReadableSpan, root), parent=parent.context))

    def _select(self, recorded: list[ReadableSpan], root: ReadableSpan) -> Selection:
        """Choose what fits beside the job's own span and what checkpoints have sent."""
        root_bytes = trim(root, weigh=document_bytes).size + _JOB_SPAN_RESERVE_BYTES
        return select(
            recorded,
            share_bytes=self._settings.share_bytes - root_bytes - self._checkpoints.sent_bytes,
            root_id=self.spans.root.get_span_context().span_id,
            priority=self._recorder.priority,
            weigh=document_bytes,
            errors=self._errors,
        )

    def _conclude(self, root: ReadableSpan, chosen: Selection, left_out: int) -> ReadableSpan:
        """Write on the job's span what was made and what was left out."""
        optional = {VALUES_CUT: chosen.cut_values, TELEMETRY_FAULTS: self._errors.faults}
        numbers = {SPANS_MADE: self._recorder.made, SPANS_DROPPED: left_out}
        numbers |= {name: value for name, value in optional.items() if value}
        return copy_span(root, attributes={**(root.attributes or {}), **numbers})

    def _write_otlp_file(self, spans: list[ReadableSpan], folder: str, end: End) -> None:
        from xray_helper.export.otlp_file import write_otlp_file

        with self._errors("writing all spans to a file"):
            place = write_otlp_file(spans, folder, seconds=end.seconds_left)
            LOGGER.info("All %d spans are in %s.", len(spans), place)

    def _send_metrics(
        self, recorded: list[ReadableSpan], left_out: int, report: DeliveryReport, end: End
    ) -> None:
        """Send the metrics last: only now it is known what became of the spans."""
        if not self._metrics.is_on:
            return
        from xray_helper.metrics.traced_job import finish_traced

        finish_traced(
            self._metrics,
            recorded,
            report,
            left_out=left_out,
            times_ns=(self._start_time_ns, end.time_ns),
            failed=end.failed or end.interrupted,
            deadline=end.deadline,
            errors=self._errors,
        )

    @staticmethod
    def _find_parent_run(settings: Settings, errors: ErrorBoundary) -> ParentRun | None:
        with errors("looking for the run that started the job"):
            return find_parent_run(settings)
        return None

    def _watch_calls(self) -> JobCalls | None:
        with self._errors("watching the calls of the AWS SDK"):
            require(*AWS_SDK, *CALLS)
            from xray_helper.aws_calls.watch import JobCalls

            return JobCalls(resource=self._recorder.resource, trace_id=self._recorder.trace_id)
        return None
