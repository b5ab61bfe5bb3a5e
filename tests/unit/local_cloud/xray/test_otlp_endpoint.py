# SPDX-License-Identifier: Apache-2.0
"""X-Ray's own OTLP endpoint in the local X-Ray."""

from __future__ import annotations

import gzip
import json

import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import TracerProvider

from local_cloud.xray.api.destination import Destination
from local_cloud.xray.api.otlp_endpoint import OtlpEndpoint
from local_cloud.xray.errors import InvalidRequestError
from local_cloud.xray.traces.store import TraceStore


class Endpoint:
    """The endpoint, and the documents that it put."""

    def __init__(self, *, transaction_search: bool) -> None:
        self.calls: list[list[str]] = []
        destination = Destination(store=TraceStore())
        destination.transaction_search = transaction_search
        self.endpoint = OtlpEndpoint(destination=destination, put=self._put)

    def _put(self, documents: list[str]) -> list[dict[str, str]]:
        self.calls.append(documents)
        return []


def _body(count: int) -> bytes:
    tracer = TracerProvider().get_tracer("test")
    spans = []
    for number in range(count):
        span = tracer.start_span(f"step {number}")
        span.end()
        spans.append(span)
    return bytes(encode_spans(spans).SerializeToString())  # type: ignore[arg-type]


def test_spans_become_documents_fifty_to_a_call() -> None:
    local = Endpoint(transaction_search=True)
    headers = {"Content-Type": "application/x-protobuf", "Content-Encoding": "gzip"}
    local.endpoint.receive(headers, gzip.compress(_body(51)))
    assert [len(call) for call in local.calls] == [50, 1]
    assert json.loads(local.calls[1][0])["name"] == "step 50"


def test_without_transaction_search_nothing_is_taken_and_the_reason_is_told() -> None:
    local = Endpoint(transaction_search=False)
    with pytest.raises(InvalidRequestError, match="with CloudWatch Logs as a Trace Segment Destination"):
        local.endpoint.receive({}, _body(1))
    assert local.calls == []


@pytest.mark.parametrize("headers", [{}, {"content-encoding": "gzip"}])
def test_what_is_no_otlp_is_refused(headers: dict[str, str]) -> None:
    local = Endpoint(transaction_search=True)
    with pytest.raises(InvalidRequestError):
        local.endpoint.receive(headers, b"\xff no protobuf")
