# SPDX-License-Identifier: Apache-2.0
"""The exporter: spans to X-Ray documents, 50 to a call, with the counts that tell what was lost."""

from __future__ import annotations

import importlib
import json
import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan

from local_cloud.xray.errors import XRayApiError

_log = logging.getLogger(__name__)
_DOCUMENTS_PER_PUT = 50  # the awsxray exporter's and the API's limit

# The exporter's AWS client tries twice more (max_retries) when it is throttled or X-Ray fails.
_PAUSES = (0.05, 0.1)  # seconds
_RETRIED = (429, 500, 502, 503, 504)

Translate = Callable[[ReadableSpan], dict[str, Any]]
Put = Callable[[list[str]], list[dict[str, str]]]


def translate(span: ReadableSpan) -> dict[str, Any]:
    """Translate with the one translator of this project, which has the semantics of the awsxray exporter."""
    segments = importlib.import_module("xray_helper.translate.segments")
    document: dict[str, Any] = segments.segment_document(span)
    return document


class Exporter:
    """Sends spans to X-Ray and counts them; safe to use from many threads.

    Parameters
    ----------
    put
        Puts documents into X-Ray and returns those that were not processed.
    translate
        Makes a document of a span.
    """

    def __init__(self, *, put: Put, translate: Translate = translate) -> None:
        self._put = put
        self._translate = translate
        self._lock = threading.Lock()
        # Spans received, documents taken, documents that X-Ray refused, spans lost because the call failed or
        # the span could not be translated: received = exported + unprocessed + dropped.
        self.counts = {"received": 0, "exported": 0, "unprocessed": 0, "dropped": 0}

    def export(self, spans: Iterable[ReadableSpan]) -> None:
        """Send spans. Like the collector, it keeps losses to itself, its log and its counts."""
        documents = [document for document in map(self._document, spans) if document is not None]
        for first in range(0, len(documents), _DOCUMENTS_PER_PUT):
            self._send(documents[first : first + _DOCUMENTS_PER_PUT])

    def _document(self, span: ReadableSpan) -> str | None:
        self._count(received=1)
        try:
            return json.dumps(self._translate(span))
        except (ValueError, TypeError, KeyError) as error:
            _log.warning("Collector: span %r was dropped: %s", span.name, error)
            self._count(dropped=1)
            return None

    def _send(self, documents: list[str]) -> None:
        try:
            unprocessed = self._put_with_retries(documents)
        except XRayApiError as error:
            _log.warning("Collector: %d documents were dropped: %s", len(documents), error)
            self._count(dropped=len(documents))
            return
        for refused in unprocessed:
            _log.warning("Collector: unprocessed segment: %s", refused)
        self._count(unprocessed=len(unprocessed), exported=len(documents) - len(unprocessed))

    def _put_with_retries(self, documents: list[str]) -> list[dict[str, str]]:
        for pause in _PAUSES:
            try:
                return self._put(documents)
            except XRayApiError as error:
                if error.status not in _RETRIED:
                    raise
                time.sleep(pause)
        return self._put(documents)

    def _count(self, **changes: int) -> None:
        with self._lock:
            for name, change in changes.items():
                self.counts[name] += change
