# SPDX-License-Identifier: Apache-2.0
"""The collector stand-in, with the OpenTelemetry SDK's own exporter and with raw sockets."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Link, SpanKind, Status, StatusCode

from local_cloud.xray.collector import Collector
from local_cloud.xray.errors import InvalidRequestError, ThrottledError
from local_cloud.xray.faults import Fault
from local_cloud.xray.traces.store import TraceStore

from .support import export

_DEPLOYED = "collector.otel.local"


class Recorder(SpanExporter):
    """Keeps what the SDK would export."""

    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def export(self, spans: Any) -> SpanExportResult:
        self.spans.extend(spans)
        return SpanExportResult.SUCCESS


def make_spans() -> list[ReadableSpan]:
    """A failed step below a job, as the SDK makes them."""
    recorder = Recorder()
    provider = TracerProvider(resource=Resource({"service.name": "clean job", "cloud.provider": "aws"}))
    provider.add_span_processor(SimpleSpanProcessor(recorder))
    tracer = provider.get_tracer("job", "1.0")
    with tracer.start_as_current_span("job", kind=SpanKind.SERVER) as job:
        link = Link(job.get_span_context(), {"why": "test"})
        with tracer.start_as_current_span(
            "Read Data", links=[link], attributes={"rows": 5, "ok": True}
        ) as step:
            step.set_attribute("aws.xray.annotations", ["rows"])
            step.add_event("exception", {"exception.type": "ValueError", "exception.message": "bad"})
            step.set_status(Status(StatusCode.ERROR, "bad"))
    return recorder.spans


def described(span: ReadableSpan) -> dict[str, Any]:
    """Everything that a translator may read from a span."""
    context, parent = span.get_span_context(), span.parent
    assert context is not None
    return {
        "name": span.name,
        "ids": (context.trace_id, context.span_id, parent.span_id if parent else None),
        "kind": span.kind,
        "times": (span.start_time, span.end_time),
        "attributes": dict(span.attributes or {}),
        "resource": dict(span.resource.attributes),
        "status": (span.status.status_code, span.status.description),
        "events": [(event.name, dict(event.attributes or {}), event.timestamp) for event in span.events],
        "links": [(link.context.span_id, dict(link.attributes or {})) for link in span.links],
    }


class Backend:
    """Stands for X-Ray's PutTraceSegments."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.answers: list[Any] = []

    def put(self, documents: list[str]) -> list[dict[str, str]]:
        self.calls.append(documents)
        answer = self.answers.pop(0) if self.answers else []
        if isinstance(answer, Exception):
            raise answer
        return list(answer)


@pytest.fixture
def backend() -> Backend:
    return Backend()


@pytest.fixture
def collector(backend: Backend) -> Iterator[Collector]:
    collector = Collector(
        put=backend.put,
        is_deployed=lambda host: host == _DEPLOYED,
        translate=lambda span: {"name": span.name},
    )
    yield collector
    collector.close()


def export_to(collector: Collector, spans: list[ReadableSpan], **options: Any) -> SpanExportResult:
    return export(spans, endpoint=collector.url, **options)


def request(
    collector: Collector,
    target: str,
    *,
    body: bytes = b"",
    method: str = "POST",
    headers: dict[str, str] | None = None,
) -> tuple[int, str, bytes]:
    """Send one request line as it is given, absolute form included."""
    connection = http.client.HTTPConnection(collector.url.removeprefix("http://"), timeout=5)
    try:
        connection.request(method, target, body=body, headers=headers or {})
        response = connection.getresponse()
        return response.status, response.getheader("Content-Type", ""), response.read()
    finally:
        connection.close()


@pytest.mark.parametrize("compression", [Compression.NoCompression, Compression.Gzip, Compression.Deflate])
def test_spans_arrive_as_the_sdk_made_them(compression: Compression) -> None:
    received: list[ReadableSpan] = []

    def translate(span: ReadableSpan) -> dict[str, Any]:
        received.append(span)
        return {}

    collector = Collector(put=lambda documents: [], translate=translate)
    spans = make_spans()
    assert export_to(collector, spans, compression=compression) is SpanExportResult.SUCCESS
    collector.close()
    assert [described(span) for span in received] == [described(span) for span in spans]


def test_json_spans_have_hexadecimal_ids(collector: Collector, backend: Backend) -> None:
    span = {
        "traceId": "6920f3a10a1b2c3d4e5f60718293a4b5",
        "spanId": "00000000000000a1",
        "name": "by json",
        "kind": 2,
        "startTimeUnixNano": "1000000000",
        "endTimeUnixNano": "2000000000",
        "attributes": [{"key": "rows", "value": {"intValue": "5"}}],
    }
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}).encode()
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    status, kind, answer = request(collector, "/v1/traces", body=gzip.compress(body), headers=headers)
    assert (status, kind, json.loads(answer)) == (200, "application/json", {"partialSuccess": {}})
    assert backend.calls == [['{"name": "by json"}']]


def test_the_translator_of_the_project_makes_documents_that_x_ray_takes() -> None:
    store = TraceStore()
    collector = Collector(put=lambda documents: [reason.to_api() for reason in store.put(documents)])
    export_to(collector, make_spans())
    collector.close()
    (trace_id,) = store.trace_ids()
    trace = store.trace(trace_id)
    assert trace is not None
    (job,) = trace.segments
    assert job["name"] == "clean job"
    (step,) = job["subsegments"]
    assert (step["name"], step["fault"], step["annotations"]) == ("Read Data", True, {"rows": 5})
    assert collector.exporter.counts == {"received": 2, "exported": 2, "unprocessed": 0, "dropped": 0}


def test_50_documents_to_a_call(collector: Collector, backend: Backend) -> None:
    export_to(collector, make_spans() * 60)
    assert [len(call) for call in backend.calls] == [50, 50, 20]


def test_losses_are_counted_and_the_sender_hears_nothing(collector: Collector, backend: Backend) -> None:
    # Given an X-Ray that refuses one document of the first call and throttles the second
    throttled = ThrottledError("Rate exceeded")
    refused = {"Id": "1", "ErrorCode": "InvalidName", "Message": ""}
    backend.answers = [[refused], throttled, throttled, throttled]
    # When 60 spans come
    assert export_to(collector, make_spans() * 30) is SpanExportResult.SUCCESS
    # Then all of them are accounted for
    assert collector.exporter.counts == {"received": 60, "exported": 49, "unprocessed": 1, "dropped": 10}


def test_a_short_throttling_loses_nothing(collector: Collector, backend: Backend) -> None:
    backend.answers = [ThrottledError("Rate exceeded"), ThrottledError("Rate exceeded")]
    export_to(collector, make_spans())
    assert collector.exporter.counts == {"received": 2, "exported": 2, "unprocessed": 0, "dropped": 0}


def test_a_request_that_x_ray_does_not_take_is_not_sent_again(collector: Collector, backend: Backend) -> None:
    backend.answers = [InvalidRequestError("no")]
    export_to(collector, make_spans())
    assert len(backend.calls) == 1
    assert collector.exporter.counts["dropped"] == 2


def test_a_span_that_cannot_be_translated_is_counted_as_dropped(backend: Backend) -> None:
    def refuse(span: ReadableSpan) -> dict[str, Any]:
        raise ValueError("no context")

    collector = Collector(put=backend.put, translate=refuse)
    export_to(collector, make_spans())
    collector.close()
    assert backend.calls == []
    assert collector.exporter.counts == {"received": 2, "exported": 0, "unprocessed": 0, "dropped": 2}


def test_a_private_name_is_answered_when_the_service_is_deployed(
    collector: Collector, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given the environment of a Glue run
    monkeypatch.setenv("HTTP_PROXY", collector.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    # When its exporter sends to the collector's name
    assert export(make_spans(), endpoint=f"http://{_DEPLOYED}:4318") is SpanExportResult.SUCCESS
    assert len(backend.calls) == 1


@pytest.mark.parametrize(
    ("target", "method", "words"),
    [
        ("http://nobody.otel.local:4318/v1/traces", "POST", "does not resolve"),
        ("http://example.com/", "GET", "does not resolve"),
        (f"http://{_DEPLOYED}:4317/v1/traces", "POST", "refuses connections on port 4317"),
        (f"http://{_DEPLOYED}/v1/traces", "POST", "refuses connections on port 80"),
        ("example.com:443", "CONNECT", "cannot be reached"),
    ],
)
def test_what_a_vpc_would_not_reach_is_a_bad_gateway(
    collector: Collector, target: str, method: str, words: str
) -> None:
    status, _, body = request(collector, target, method=method)
    assert status == 502
    assert words in body.decode()


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"\xff\xff\xff", {}),
        (b"{", {"Content-Type": "application/json"}),
        (
            b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "xyz"}]}]}]}',
            {"Content-Type": "application/json"},
        ),
        (b"no gzip", {"Content-Encoding": "gzip"}),
    ],
)
def test_a_body_that_is_no_otlp_is_a_bad_request(
    collector: Collector, body: bytes, headers: dict[str, str]
) -> None:
    assert request(collector, "/v1/traces", body=body, headers=headers)[0] == 400


def test_metrics_and_logs_are_kept(collector: Collector) -> None:
    assert request(collector, "/v1/metrics", body=b"m")[0] == 200
    assert request(collector, "/v1/logs", body=b"l")[0] == 200
    assert collector.messages == [("/v1/metrics", b"m"), ("/v1/logs", b"l")]


def test_other_paths_and_methods_are_refused(collector: Collector) -> None:
    assert request(collector, "/v2/traces")[0] == 404
    assert request(collector, "/v1/traces", method="GET")[0] == 405


def test_a_chunked_request(collector: Collector, backend: Backend) -> None:
    host, port = collector.url.removeprefix("http://").split(":")
    own = f"Host: {host}:{port}\r\n".encode()
    headers = own + b"Transfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n"
    head = b"POST /v1/traces HTTP/1.1\r\n" + headers
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(head + b'f\r\n{"resourceSpans\r\n5\r\n":[]}\r\n0\r\n\r\n')
        assert connection.recv(100).startswith(b"HTTP/1.1 200")


def test_fault_status_with_retry_after_once(collector: Collector, backend: Backend) -> None:
    collector.set_fault(Fault(mode="status", status=429, retry_after=7, count=1))
    connection = http.client.HTTPConnection(collector.url.removeprefix("http://"), timeout=5)
    connection.request("POST", "/v1/traces")
    response = connection.getresponse()
    assert (response.status, response.getheader("Retry-After")) == (429, "7")
    connection.close()
    assert request(collector, "/v1/traces")[0] == 200


def test_fault_reset(collector: Collector) -> None:
    collector.set_fault(Fault(mode="reset"))
    with pytest.raises(ConnectionResetError):
        request(collector, "/v1/traces", body=b"x")


def test_fault_hang_ends_when_it_is_cleared(collector: Collector) -> None:
    collector.set_fault(Fault(mode="hang"))
    ended = threading.Event()

    def send() -> None:
        try:
            request(collector, "/v1/traces")
        except (OSError, http.client.HTTPException):
            ended.set()

    sender = threading.Thread(target=send)
    sender.start()
    assert not ended.wait(0.2)
    collector.set_fault(None)
    assert ended.wait(5)
    sender.join()


def test_fault_down_cuts_open_connections_and_comes_back_at_the_same_address(collector: Collector) -> None:
    url = collector.url
    kept = http.client.HTTPConnection(url.removeprefix("http://"), timeout=5)
    kept.request("POST", "/v1/traces")
    assert kept.getresponse().read() == b""
    collector.set_fault(Fault(mode="down"))
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        kept.request("POST", "/v1/traces")
        kept.getresponse()
    kept.close()
    with pytest.raises(ConnectionRefusedError):
        request(collector, "/v1/traces")
    collector.set_fault(None)
    assert collector.url == url
    assert request(collector, "/v1/traces")[0] == 200
