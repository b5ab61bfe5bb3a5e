# SPDX-License-Identifier: Apache-2.0
"""Shows a long job in X-Ray while it runs.

A process that is killed (SIGKILL, a lost host) sends nothing any more. So that it leaves a trace all the
same, a job that runs for a while shows itself as in progress, and its steps as they begin; the complete
documents replace these at the end. X-Ray wants "only one complete segment, and one or zero in-progress
segments", so each is sent once, and nothing else is: no finished Spark stage below a step that X-Ray has
never heard of. OTLP knows no spans in progress, hence PutTraceSegments; a job that may not call it does
without.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from xray_common.ids import span_id_from_int
from xray_helper.error_boundary import LOGGER, ErrorBoundary
from xray_helper.export.delivery import warm_up
from xray_helper.export.xray import send_to_xray
from xray_helper.propagation.job_parent import Parent
from xray_helper.record.scrubbed import scrubbed
from xray_helper.settings import Settings
from xray_helper.translate.segments import segment_document

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import Span

_PUT_SECONDS: Final = 4.0
_INTERVAL_FACTOR: Final = (
    3  # checkpoints after 2, 6, 18, 54, ... seconds: few, so that X-Ray's limit stays wide
)
# A job that calls X-Ray for nothing else pays 0.4 s of a processor for the SDK while Spark is starting:
# not unless it runs for as long as to the third checkpoint.
_CHECKPOINTS_WITHOUT_IMPORT: Final = 2
_AWS_SDK: Final = "botocore.session"
_MAX_SHARE: Final = 4  # at most a quarter of the job's bytes goes to documents in progress


class CheckpointReporter:
    """A daemon thread beside the job: it finds the job's parent, then shows the job while it runs.

    A look-up in X-Ray takes seconds, and a job must not wait for its telemetry: the parent is asked for while
    the job works, and is put on the job's span when that is exported.

    Parameters
    ----------
    open_spans
        Lists the spans that have begun and not ended, the job's first.
    find_parent
        Looks for a better parent than ``parent``; None when there is none.
    parent
        The parent that is known from the start.
    prepare
        Is called first: work that the job would have to wait for later.

    Attributes
    ----------
    sent_bytes
        Bytes of documents in progress; they count against the trace's limit like any other.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        errors: ErrorBoundary,
        open_spans: Callable[[], Sequence[Span]],
        find_parent: Callable[[], Parent | None],
        parent: Parent,
        prepare: Callable[[], None],
    ) -> None:
        self._settings, self._errors, self._prepare = settings, errors, prepare
        self._open_spans, self._find_parent, self._parent = open_spans, find_parent, parent
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="xray-checkpoints", daemon=True)
        self._shown: set[int] = set()
        self.sent_bytes = 0

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, *, seconds: float) -> Parent:
        """Stop, and return the best parent known within ``seconds``.

        Waits for the thread, so that no document in progress is under way when the complete ones are sent.
        """
        self._stop.set()
        self._thread.join(max(seconds, 0.0))
        return self._parent

    def _run(self) -> None:
        started = time.monotonic()
        with self._errors("preparing to observe"):
            self._prepare()
        with self._errors("looking for the parent"):
            self._parent = self._find_parent() or self._parent
        with self._errors("importing the exporter"):
            warm_up(self._settings.otlp_endpoint)
        with self._errors("showing the job in progress"):
            self._report(started)

    def _report(self, started: float) -> None:
        after = self._settings.checkpoint_s
        import_after = after * _INTERVAL_FACTOR**_CHECKPOINTS_WITHOUT_IMPORT
        while not self._stop.wait(max(started + after - time.monotonic(), 0.0)):
            if (_AWS_SDK in sys.modules or after >= import_after) and not self._show():
                return
            after *= _INTERVAL_FACTOR

    def _show(self) -> bool:
        """Put what began since the last time; False ends it: X-Ray is out of reach, or the share used up."""
        spans = self._open_spans()
        new = [span for span in spans if span.get_span_context().span_id not in self._shown]
        documents = [
            json.dumps(self._in_progress(span, is_job=span is spans[0]), separators=(",", ":"))
            for span in new
        ]
        size = sum(len(document) for document in documents)
        if not documents:
            return True
        if self.sent_bytes + size > self._settings.share_bytes // _MAX_SHARE:
            return False
        put = send_to_xray(documents, seconds=_PUT_SECONDS)
        if put.unsent:
            LOGGER.info("The job cannot be shown in progress: %s", put.error)
            return False
        self.sent_bytes += size
        self._shown |= {span.get_span_context().span_id for span in new}
        return True

    def _in_progress(self, span: Span, *, is_job: bool) -> dict[str, Any]:
        document = segment_document(scrubbed(cast("ReadableSpan", span)))
        document.pop("end_time", None)
        if is_job and self._parent.context is not None:
            document["parent_id"] = span_id_from_int(self._parent.context.span_id)
        return document | {"in_progress": True}
