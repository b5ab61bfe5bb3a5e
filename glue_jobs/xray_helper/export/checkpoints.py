# SPDX-License-Identifier: Apache-2.0
"""What goes on beside the job: finding its parent, and showing a long job in X-Ray while it runs.

A look-up in X-Ray takes seconds, and a job must not wait for its telemetry: the parent is asked for while the
job works, and is put on the job's span when that is exported.

A process that is killed (SIGKILL, a lost host) sends nothing any more. So that it leaves a trace all the
same, a job that runs for a while shows itself as in progress, and its steps as they begin; the complete
documents replace these at the end. X-Ray wants "only one complete segment, and one or zero in-progress
segments", so each is sent once, and nothing else is: no finished Spark stage below a step that X-Ray has
never heard of. OTLP knows no spans in progress, hence PutTraceSegments; a job that may not call it does
without.
"""

from __future__ import annotations

import importlib
import json
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from opentelemetry.sdk.trace import ReadableSpan

from xray_common.ids import is_span_id, span_id_from_int
from xray_helper.error_boundary import LOGGER
from xray_helper.export.xray import send_to_xray
from xray_helper.propagation.parent import XRayTrace
from xray_helper.propagation.trace_tree import ParentSource
from xray_helper.record.recorder import remote_context
from xray_helper.translate.segments import segment_document

if TYPE_CHECKING:
    from opentelemetry.trace import Span, SpanContext

    from xray_helper.lifecycle.tracing import Tracing

_FOR_A_COLLECTOR: Final = (
    "opentelemetry.exporter.otlp.proto.http.trace_exporter",
    "requests",  # which the exporter imports when it is made
    "xray_helper.export.sigv4",
)
_FOR_XRAY: Final = ("boto3",)
_PUT_SECONDS: Final = 4.0
_INTERVAL_FACTOR: Final = (
    3  # checkpoints after 2, 6, 18, 54, ... seconds: few, so that X-Ray's limit stays wide
)
_MAX_SHARE: Final = 4  # at most a quarter of the job's bytes goes to documents in progress


@dataclass(frozen=True)
class Parent:
    """The parent of the job's segment, and how it was found."""

    context: SpanContext | None
    source: ParentSource
    api: str | None = None


class Companion:
    """A daemon thread beside the job.

    Attributes
    ----------
    sent_bytes
        Bytes of documents in progress; they count against the trace's limit like any other.
    """

    def __init__(self, tracing: Tracing) -> None:
        self._tracing = tracing
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="xray-companion", daemon=True)
        self._shown: set[int] = set()
        self.sent_bytes = 0
        caller = tracing.recorder.parent_context()
        self._parent = Parent(caller, ParentSource.HEADER if caller else ParentSource.NONE)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def parent(self, seconds: float) -> Parent:
        """Stop, and give the best parent known within ``seconds``.

        Waits for the thread, so that no document in progress is under way when the complete ones are sent.
        """
        self._stop.set()
        self._thread.join(max(seconds, 0.0))
        return self._parent

    def _run(self) -> None:
        started = time.monotonic()
        with self._tracing.job.guard("looking for the parent"):
            self._look_up()
        with self._tracing.job.guard("importing the exporter"):
            self._warm_up()
        with self._tracing.job.guard("showing the job in progress"):
            self._checkpoints(started)

    def _look_up(self) -> None:
        settings = self._tracing.job.settings
        if not settings.step_name or not settings.trace_header:
            return
        trace = XRayTrace(self._tracing.trace_id, deadline_s=settings.parent_deadline_s)
        found = trace.retrieve_segment_for_step(settings.step_name, only_running=True)
        if found is not None and is_span_id(found) and trace.source is not None:
            context = remote_context(self._tracing.recorder.trace_id, int(found, 16))
            self._parent = Parent(context, trace.source, trace.api)

    def _warm_up(self) -> None:
        """Import now what the end of the job needs: it took 0.1 s there, and more from a zip."""
        for name in _FOR_A_COLLECTOR if self._tracing.job.settings.otlp_endpoint else _FOR_XRAY:
            importlib.import_module(name)

    def _checkpoints(self, started: float) -> None:
        after = self._tracing.job.settings.checkpoint_s
        while not self._stop.wait(max(started + after - time.monotonic(), 0.0)):
            if not self._show():
                return
            after *= _INTERVAL_FACTOR

    def _show(self) -> bool:
        """Put what began since the last time; False ends it: X-Ray is out of reach, or the share used up."""
        tracing = self._tracing
        spans = [tracing.span, *(step.span for step in tuple(tracing.steps))]
        new = [span for span in spans if span.get_span_context().span_id not in self._shown]
        documents = [json.dumps(self._in_progress(span), separators=(",", ":")) for span in new]
        size = sum(len(document) for document in documents)
        if not documents:
            return True
        if self.sent_bytes + size > tracing.job.settings.share_bytes // _MAX_SHARE:
            return False
        put = send_to_xray(documents, seconds=_PUT_SECONDS)
        if put.unsent:
            LOGGER.info("The job cannot be shown in progress: %s", put.trouble)
            return False
        self.sent_bytes += size
        self._shown |= {span.get_span_context().span_id for span in new}
        return True

    def _in_progress(self, span: Span) -> dict[str, Any]:
        document = segment_document(cast(ReadableSpan, span))
        document.pop("end_time", None)
        if span is self._tracing.span and self._parent.context is not None:
            document["parent_id"] = span_id_from_int(self._parent.context.span_id)
        return document | {"in_progress": True}
