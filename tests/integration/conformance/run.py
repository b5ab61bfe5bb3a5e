# SPDX-License-Identifier: Apache-2.0
"""Sends spans through the real collector and through our ways to X-Ray; returns the documents of each."""

from __future__ import annotations

import http.client
import json
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import ReadableSpan

from local_cloud.xray.collector import otlp
from tests.integration.conformance.compare import Document
from tests.integration.conformance.real_collector import CollectorError, RealCollector
from tests.integration.conformance.recorder import Recorder
from xray_helper.translate.segments import segment_json

_SPANS_PER_REQUEST = 200
_PATIENCE = 30.0  # seconds for an answer
_DYING = 1.0  # seconds that a process which panicked needs to be gone

Documents = dict[str, list[Document]]  # by span id; a span may become several


def through_collector(spans: Sequence[ReadableSpan], binary: Path) -> tuple[Documents, list[str]]:
    """Send spans through the real collector; returns its documents and its log."""
    with Recorder() as xray, RealCollector(binary=binary, xray_endpoint=xray.endpoint) as collector:
        try:
            for first in range(0, len(spans), _SPANS_PER_REQUEST):
                body = encode_spans(spans[first : first + _SPANS_PER_REQUEST]).SerializeToString()
                post(collector.otlp_endpoint, body)  # answered when X-Ray has the documents
        except (OSError, http.client.HTTPException):
            state = "ended" if collector.ended(_DYING) else "gave no answer"
            raise CollectorError(f"The collector {state}:\n" + "\n".join(collector.log[-60:])) from None
        documents = [json.loads(text) for text in xray.documents]
        log = list(collector.log)
    return _by_span(documents, {span_id_of(span) for span in spans}), log


def directly(spans: Sequence[ReadableSpan]) -> Documents:
    """Translate spans as the direct writer does."""
    return {span_id_of(span): _translated(span) for span in spans}


def through_receiver(spans: Sequence[ReadableSpan]) -> Documents:
    """Translate spans as the local cloud's OTLP receiver does: encoded, decoded, translated."""
    received = otlp.spans(encode_spans(spans).SerializeToString(), otlp.PROTOBUF)
    return {span_id_of(span): _translated(span) for span in received}


def post(endpoint: str, body: bytes, *, path: str = "/v1/traces") -> None:
    """Send an OTLP request."""
    request = urllib.request.Request(  # noqa: S310 - our own collector
        endpoint + path, data=body, headers={"Content-Type": "application/x-protobuf"}
    )
    with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:  # noqa: S310 - the same
        answer.read()


def _translated(span: ReadableSpan) -> list[Document]:
    """Return what X-Ray would read; nothing where the translator refuses or the text is no JSON."""
    try:
        return [json.loads(segment_json(span), parse_constant=_refuse)]
    except ValueError:
        return []


def _refuse(constant: str) -> Any:
    raise ValueError(f"JSON has no {constant}.")


def span_id_of(span: ReadableSpan) -> str:
    """Return the id as a document spells it."""
    context = span.get_span_context()
    assert context is not None
    return f"{context.span_id:016x}"


def _by_span(documents: Sequence[Document], expected: set[str]) -> Documents:
    """Sort documents by span: a segment with an id of its own belongs to the span that hangs below it.

    A batch that was sent twice counts once, as in X-Ray, which keeps one document per id.
    """
    found: Documents = {identifier: [] for identifier in expected}
    made = {d["id"]: d for d in documents if d["id"] not in expected}
    for document in documents:
        if document["id"] in expected and not found[document["id"]]:
            above = made.get(document.get("parent_id", ""))
            found[document["id"]] = [document] if above is None else [document, above]
            if above is not None:
                above["id"] = document["parent_id"] = "made by the collector"
    return found
