# SPDX-License-Identifier: Apache-2.0
"""The metrics of a job through the real collector: its ``awsemf`` exporter, and our stand-in for it."""

from __future__ import annotations

import urllib.error
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from local_cloud.xray.collector import emf
from tests.integration.conformance.log_recorder import LogRecorder
from tests.integration.conformance.real_collector import RealCollector
from tests.integration.conformance.run import post
from xray_helper.error_boundary import ErrorBoundary
from xray_helper.metrics.job_metrics import Metrics
from xray_helper.settings import Settings

STREAM = ("/metrics/test", "jobs")
TARGET = {"METRICS_NAMESPACE": "Test", "METRICS_LOG_GROUP": STREAM[0]}


def _body() -> bytes:
    """Every kind of instrument and unit that the library offers, with tags of every type."""
    settings = Settings(job_name="load", metrics=True, otlp_endpoint="http://x:1", metrics_run_id=True)
    metrics = Metrics(settings=settings, errors=ErrorBoundary())
    metrics.join_run("run-1")
    metrics.count("rows", 3682, outcome="clean")
    metrics.count("rows", 320, outcome="rejected")
    metrics.count("bytes", 1.5, unit="By")
    metrics.gauge("rejected.share", 0.08, checked=True, attempt=2, ratio=0.5)
    metrics.gauge("zero", 0)
    metrics.record("order.value", 12.5, unit="ms")
    metrics.record("order.value", 2.5, unit="ms")
    metrics.step_over("Read Data", start_ns=0, end_ns=1_500_000_000)
    metrics.job_over(start_ns=0, end_ns=2_000_000_000, failed=False)
    data = metrics.collect()
    assert data is not None
    return bytes(encode_metrics(data).SerializeToString())


def _comparable(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lines without their order and that of the names within them: both are a Go map's."""
    for line in lines:
        for directive in line["_aws"]["CloudWatchMetrics"]:
            directive["Dimensions"] = [sorted(names) for names in directive["Dimensions"]]
            directive["Metrics"].sort(key=lambda metric: metric["Name"])
    return sorted(lines, key=_identity)


def _identity(line: dict[str, Any]) -> str:
    """What tells a line from all others: its directive, and the values of its dimensions."""
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    (names,) = directive["Dimensions"]
    return f"{directive} {[line[name] for name in names]}"


def test_the_lines_are_those_that_the_local_cloud_writes(otelcol: Path) -> None:
    body = _body()
    with (
        LogRecorder() as logs,
        RealCollector(binary=otelcol, xray_endpoint=logs.url, environment=TARGET) as collector,
    ):
        post(collector.otlp_endpoint, body, path="/v1/metrics")  # answered when CloudWatch Logs has them

    ours = emf.lines(ExportMetricsServiceRequest.FromString(body), namespace="Test")
    assert _comparable(logs.streams[STREAM]) == _comparable(ours)
    assert len(ours) >= 8
    assert logs.formats == {"json/emf"}


def test_a_missing_stream_is_created_once(otelcol: Path) -> None:
    with (
        LogRecorder() as logs,
        RealCollector(binary=otelcol, xray_endpoint=logs.url, environment=TARGET) as collector,
    ):
        for _ in range(2):
            post(collector.otlp_endpoint, _body(), path="/v1/metrics")

    assert logs.calls == ["PutLogEvents", "CreateLogStream", "PutLogEvents", "PutLogEvents"]


def test_the_job_is_told_when_the_metrics_cannot_be_written(otelcol: Path) -> None:
    nobody = "http://127.0.0.1:1"
    with (
        RealCollector(binary=otelcol, xray_endpoint=nobody, environment=TARGET) as collector,
        pytest.raises(urllib.error.HTTPError) as refusal,
    ):
        post(collector.otlp_endpoint, _body(), path="/v1/metrics")
    assert refusal.value.code in (500, 503)
