# SPDX-License-Identifier: Apache-2.0
"""The end of a trace: close the spans, choose what fits, deliver it, account for it. Once, and in time."""

from __future__ import annotations

import logging
import os
import threading
import time
from typing import TYPE_CHECKING, Final, cast

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import Status, StatusCode

from xray_common.conventions import (
    PARENT_API,
    PARENT_SOURCE,
    SPANS_DROPPED,
    SPANS_MADE,
    TELEMETRY_FAULTS,
    VALUES_CUT,
)
from xray_helper.budget.selection import select
from xray_helper.budget.trimming import trim
from xray_helper.error_boundary import LOGGER, run_bounded
from xray_helper.export.delivery import Account, deliver
from xray_helper.lifecycle.shutdown import unwatch
from xray_helper.record.readable import copy_span

if TYPE_CHECKING:
    from xray_helper.lifecycle.tracing import Tracing

_OBSERVER_SHARE: Final = 0.4  # of the whole time
_PARENT_SHARE: Final = 0.3  # of the time that is left then
_GRACE_S: Final = 0.2  # for the thread itself
_METRICS_AFTER_TROUBLE_S: Final = 1.0
_JOB_SPAN_RESERVE_BYTES: Final = 400  # for the attributes that are set last


class Ending:
    """Runs the end of one trace in a thread of its own, so that nothing in it can hold the job up.

    A signal handler runs in the main thread, between any two instructions of it: while the main thread
    waits for the end already, the handler waits for the same end and starts no second one.
    """

    def __init__(self, tracing: Tracing) -> None:
        self._tracing = tracing
        self._thread: threading.Thread | None = None
        self._process_id = os.getpid()
        self.account = Account()
        self._left_out = 0  # spans that do not fit into the trace
        self._whole: list[ReadableSpan] = []  # those too, as they were made; only if they are asked for

    @property
    def has_begun(self) -> bool:
        """Tell whether the end has been started."""
        return self._thread is not None

    def run(self, end_time_ns: int, *, interrupted: bool = False) -> None:
        """Start the end, or join it; returns when it is over or out of time.

        A forked child (multiprocessing) has a copy of the job, but the trace is its parent's to end.
        """
        if os.getpid() != self._process_id:
            return
        budget = self._tracing.job.settings.end_budget_s
        if self._thread is None:
            thread = self._thread = threading.Thread(
                target=self._guarded, args=(end_time_ns, interrupted, time.monotonic() + budget), daemon=True
            )
            try:
                thread.start()
            except RuntimeError:  # Python 3.12 and newer start no thread at interpreter exit
                self._guarded(end_time_ns, interrupted, time.monotonic() + budget)
                return
        if self._thread.ident is not None:
            self._thread.join(budget + _GRACE_S)
            if self._thread.is_alive():
                LOGGER.warning("Trace %s was not delivered within %.1f s.", self._tracing.trace_id, budget)
        if not interrupted:
            unwatch(self._tracing)

    def _guarded(self, end_time_ns: int, interrupted: bool, deadline: float) -> None:
        started = time.monotonic()
        with self._tracing.job.guard("delivering the trace"):
            self._stop_calls()
            self._observe(interrupted)
            self._end_steps(end_time_ns, interrupted)
            spans = self._complete(end_time_ns, deadline)
            settings = self._tracing.job.settings
            deliver(
                spans,
                self.account,
                otlp_endpoint=settings.otlp_endpoint,
                spill_uri=self._tracing.spill_uri,
                deadline=deadline,
            )
        self._write_whole(deadline)
        self._log(time.monotonic() - started)
        self._send_metrics(end_time_ns, interrupted, deadline)

    def _write_whole(self, deadline: float) -> None:
        folder = self._tracing.job.settings.spans_uri
        if folder and self._whole:
            from xray_helper.export.otlp_file import write_whole

            with self._tracing.job.guard("writing all spans to a file"):
                place = write_whole(self._whole, folder, seconds=deadline - time.monotonic())
                LOGGER.info("All %d spans are in %s.", len(self._whole), place)

    def _stop_calls(self) -> None:
        """Write the calls of the AWS SDK; those of the delivery are not among them."""
        if self._tracing.calls is not None:
            with self._tracing.job.guard("adding the calls of the AWS SDK"):
                self._tracing.calls.write()

    def _observe(self, interrupted: bool) -> None:
        """Let the observer have its last word; one that hangs (a dying JVM) is left behind."""
        job, observer = self._tracing.job, self._tracing.observer()
        if observer is None:
            return
        known = observer

        def work() -> None:
            with job.guard("observing the end of the job"):
                known.job_ended()

        seconds = job.settings.end_budget_s * _OBSERVER_SHARE / (2 if interrupted else 1)
        if run_bounded(work, seconds=seconds, name="xray-observer") == "late":
            job.guard.count("observing the end of the job", TimeoutError(f"no answer within {seconds:.1f} s"))

    def _end_steps(self, end_time_ns: int, interrupted: bool) -> None:
        for step in self._tracing.steps:
            if step.end_time_ns is None and interrupted:
                step.span.set_status(Status(StatusCode.ERROR, "not finished when the job was ended"))
            if step.span.is_recording():
                step.span.end(end_time=step.end_time_ns or end_time_ns)

    def _complete(self, end_time_ns: int, deadline: float) -> list[ReadableSpan]:
        """Choose what fits, say so on the job's span, end it, and give it its parent."""
        tracing, recorder = self._tracing, self._tracing.recorder
        parent = tracing.companion.parent((deadline - time.monotonic()) * _PARENT_SHARE)
        root = tracing.span
        root_id = root.get_span_context().span_id
        spans = recorder.take()
        root_bytes = trim(cast(ReadableSpan, root)).size + _JOB_SPAN_RESERVE_BYTES
        share = tracing.job.settings.share_bytes - root_bytes - tracing.companion.sent_bytes
        chosen = select(
            spans, share_bytes=share, root_id=root_id, worth=recorder.priority, guard=tracing.job.guard
        )
        if tracing.job.metrics.is_on:
            from xray_helper.metrics.self_metrics import measure_stages

            with tracing.job.guard("measuring the stages"):
                measure_stages(tracing.job.metrics, spans)
        self._left_out = recorder.made - 1 - len(chosen.spans)
        root.set_attribute(SPANS_MADE, recorder.made)
        root.set_attribute(SPANS_DROPPED, self._left_out)
        root.set_attribute(PARENT_SOURCE, parent.source.value)
        if parent.api:
            root.set_attribute(PARENT_API, parent.api)
        if chosen.cut_values:
            root.set_attribute(VALUES_CUT, chosen.cut_values)
        if tracing.job.guard.faults:
            root.set_attribute(TELEMETRY_FAULTS, tracing.job.guard.faults)
        tracing.job.annotations.report(root)
        root.end(end_time=end_time_ns)
        ended = [
            copy_span(span, parent=parent.context)
            for span in recorder.take()
            if (context := span.get_span_context()) and context.span_id == root_id
        ]
        if tracing.job.settings.spans_uri:
            self._whole = [*ended, *spans]
        return [*(trim(span).span for span in ended), *chosen.spans]

    def _send_metrics(self, end_time_ns: int, interrupted: bool, deadline: float) -> None:
        """Send the metrics last: only now it is known what became of the spans."""
        job = self._tracing.job
        if not job.metrics.is_on:
            return
        from xray_helper.metrics.self_metrics import measure_spans

        with job.guard("sending the metrics"):
            measure_spans(job.metrics, self.account, left_out=self._left_out)
            if self.account.trouble:  # the collector has been asked in vain: no long wait for it again
                deadline = min(deadline, time.monotonic() + _METRICS_AFTER_TROUBLE_S)
            job.end_metrics(end_time_ns, deadline=deadline, interrupted=interrupted)

    def _log(self, seconds: float) -> None:
        self.account.made = self._tracing.recorder.made
        is_complete = self.account.sent == self.account.made
        level = logging.INFO if is_complete else logging.WARNING
        LOGGER.log(level, "Trace %s: %s in %.2f s", self._tracing.trace_id, self.account, seconds)
