# SPDX-License-Identifier: Apache-2.0
"""A job of this library with the real collector in between."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from opentelemetry.sdk.trace import ReadableSpan

from local_cloud import LocalCloud
from local_cloud.xray.collector import Collector
from tests.integration.conformance.building import STARTED
from tests.integration.conformance.compare import differences
from tests.integration.conformance.real_collector import RealCollector
from tests.integration.conformance.run import directly, span_id_of, through_collector
from xray_helper import traced_job

_PATIENCE = 20.0  # seconds
_TRACE_ID = "1-6b015d90-0123456789abcdef01234567"
_HEADER = f"Root={_TRACE_ID};Parent=70de5b6f19ff9a0a;Sampled=1"
assert int(_TRACE_ID.split("-")[1], 16) == STARTED // 10**9


def _trace_text(xray: Any) -> str:
    """Read the trace until the job's segment is in it: the collector sends when its batch is due."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        traces = xray.batch_get_traces(TraceIds=[_TRACE_ID])["Traces"]
        text = "".join(segment["Document"] for trace in traces for segment in trace["Segments"])
        if '"name": "clean job"' in text:
            return text
        time.sleep(0.05)
    raise AssertionError("The trace did not come in time.")


class BadPriceError(Exception):
    """What a step of the job fails with."""


def _run_job(endpoint: str) -> None:
    """Run a job whose second step fails, after an exception of its own."""
    arguments = ["--trace_header", _HEADER, "--otlp_endpoint", endpoint, "--JOB_RUN_ID", "jr_1"]
    with traced_job("clean job", argv=arguments, annotations={"dataset": "listings"}) as job:
        with job.step("Read Data") as step:
            step.annotate(rows_read=5)
            step.set_attribute("files", ["a.csv", "b.csv"])
        with job.step("Convert Currency"):
            try:
                float("twelve")
            except ValueError:
                raise BadPriceError("price: 'twelve' is no number")  # noqa: B904 - "During handling", no cause


@pytest.fixture(scope="module")
def spans() -> Iterator[list[ReadableSpan]]:
    """Catch the job's spans on their way."""
    caught: list[ReadableSpan] = []

    def catch(span: ReadableSpan) -> dict[str, Any]:
        caught.append(span)
        return {}

    receiver = Collector(put=lambda _: [], translate=catch)
    try:
        with pytest.raises(BadPriceError):
            _run_job(receiver.url)
        yield caught
    finally:
        receiver.close()


def test_a_job_gives_the_same_documents(otelcol: Path, spans: list[ReadableSpan]) -> None:
    assert {span.name for span in spans} >= {"Read Data", "Convert Currency"}

    real, _ = through_collector(spans, otelcol)
    ours = directly(spans)

    for span in spans:
        identifier = span_id_of(span)
        assert differences(real[identifier][0], ours[identifier][0]) == []


def test_the_local_xray_shows_what_the_real_collector_sends(otelcol: Path) -> None:
    with (
        LocalCloud() as cloud,
        RealCollector(
            binary=otelcol,
            xray_endpoint=cloud.endpoint,
            environment={"AWS_SESSION_TOKEN": cloud.credentials["aws_session_token"]},
        ) as collector,
    ):
        with pytest.raises(BadPriceError):
            _run_job(collector.otlp_endpoint)
        xray = boto3.client(
            "xray",
            endpoint_url=cloud.endpoint,
            region_name="us-east-1",
            **cloud.credentials,
            config=Config(retries={"total_max_attempts": 1}),
        )
        text = _trace_text(xray)

    assert '"name": "clean job"' in text
    assert '"dataset": "listings"' in text
    assert "price: 'twelve' is no number" in text
