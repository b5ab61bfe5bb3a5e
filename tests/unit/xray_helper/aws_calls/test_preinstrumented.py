# SPDX-License-Identifier: Apache-2.0
"""A process that ADOT or OpenTelemetry has instrumented already: its traces show its own calls, not ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from opentelemetry.instrumentation.botocore import BotocoreInstrumentor
from opentelemetry.instrumentation.utils import is_http_instrumentation_enabled
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.unit.xray_helper.s3_server import s3_client, s3_server
from xray_helper import Settings, XRayTrace, traced_job
from xray_helper.export.files import write_file

_make_instrumentor: Any = BotocoreInstrumentor
TRACE_ID = "1-5759e988-bd862e3fe1be46a994272793"
HEADER = f"Root={TRACE_ID};Parent=53995c3f42cd8ad8;Sampled=1"


@pytest.fixture
def theirs() -> Iterator[InMemorySpanExporter]:
    """What the application's own instrumentation of botocore records."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    instrumentor = _make_instrumentor()
    instrumentor.instrument(tracer_provider=provider, skip_dep_check=True)
    yield exporter
    instrumentor.uninstrument()


@pytest.fixture
def http(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What an instrumentation of requests or urllib3 would record: it asks the same question."""
    seen: list[str] = []
    send = requests.Session.send

    def recorded(self: requests.Session, request: Any, **options: Any) -> Any:
        if is_http_instrumentation_enabled():
            seen.append(request.url)
        return send(self, request, **options)

    monkeypatch.setattr(requests.Session, "send", recorded)
    return seen


def test_segments_look_ups_and_documents_in_progress_are_not_theirs(theirs: Any, xray: Any) -> None:
    settings = Settings(trace_header=HEADER, step_name="Clean", checkpoint_s=0.0, parent_deadline_s=0.5)
    with traced_job(settings=settings), s3_server() as url:
        s3_client(url).head_object(Bucket="bucket", Key="key")
        assert xray.put_arrived.wait(20)
    XRayTrace(TRACE_ID, deadline_s=0.2).retrieve_segment_for_step("Clean")
    assert {path for path, _ in xray.requests} >= {"/TraceSegments", "/Traces"}
    assert [span.name for span in theirs.get_finished_spans()] == ["S3.HeadObject"]


def test_spans_and_metrics_to_a_collector_are_not_theirs(http: list[str], collector: Any) -> None:
    with traced_job(settings=Settings(otlp_endpoint=collector.url, metrics=True)):
        requests.post(f"{collector.url}/theirs", timeout=5)
    assert {path for path, _ in collector.requests} == {"/theirs", "/v1/traces", "/v1/metrics"}
    assert http == [f"{collector.url}/theirs"]


def test_a_file_on_s3_is_not_theirs(theirs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with s3_server() as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
        write_file("s3://bucket/spans", "_spans", b"{}", seconds=1)
    assert theirs.get_finished_spans() == ()
