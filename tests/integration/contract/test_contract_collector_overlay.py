# SPDX-License-Identifier: Apache-2.0
"""The collector's configuration for X-Ray's OTLP endpoint: it fits the one that it is laid over."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import TracerProvider

from collector.build import binary
from local_cloud.xray.collector.process import CollectorProcess
from tests.integration.contract.xray_otlp import ACCESS_KEY, REGION, SECRET_KEY, TOKEN, XRayOtlp

ROLE = {
    "AWS_ACCESS_KEY_ID": ACCESS_KEY,
    "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
    "AWS_SESSION_TOKEN": TOKEN,
    "AWS_REGION": REGION,
}
COLLECTOR = Path(__file__).parents[3] / "glue_tracing" / "collector"
BASE, OVERLAY = COLLECTOR / "otel-agent-config.yaml", COLLECTOR / "xray-otlp.yaml"


def merged(base: Any, overlay: Any) -> Any:
    """Merge as the collector does: maps key by key, everything else replaced."""
    if not isinstance(base, dict) or not isinstance(overlay, dict):
        return overlay
    return base | {key: merged(base.get(key), value) for key, value in overlay.items()}


CONFIG = merged(yaml.safe_load(BASE.read_text()), yaml.safe_load(OVERLAY.read_text()))


def test_traces_go_to_xrays_otlp_endpoint_and_nothing_else_changes() -> None:
    base = yaml.safe_load(BASE.read_text())["service"]["pipelines"]
    traces = CONFIG["service"]["pipelines"]["traces"]
    assert traces == base["traces"] | {"exporters": ["otlphttp/xray"]}
    assert {k: v for k, v in CONFIG["service"]["pipelines"].items() if k != "traces"} == {
        k: v for k, v in base.items() if k != "traces"
    }


def test_requests_are_signed_for_xray_in_the_region_of_the_endpoint() -> None:
    exporter = CONFIG["exporters"]["otlphttp/xray"]
    assert exporter["auth"]["authenticator"] in CONFIG["service"]["extensions"]
    signer = CONFIG["extensions"]["sigv4auth"]
    assert signer["service"] == "xray"
    assert signer["region"] in exporter["traces_endpoint"]
    assert set(CONFIG["service"]["extensions"]) == set(CONFIG["extensions"])


@pytest.fixture
def otelcol() -> Path:
    if not binary().exists():
        pytest.skip(f"there is no collector at {binary()}: run `make collector` (needs Go)")
    return binary()


def test_the_real_collector_takes_it(otelcol: Path) -> None:
    command = [str(otelcol), "validate", f"--config={BASE}", f"--config={OVERLAY}"]
    environment = {**os.environ, **ROLE}  # the extension asks for credentials before anything is sent
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ((200, ""), 200),
        # Transaction Search is off: the job is told, and does not try again what cannot succeed
        ((400, "The OTLP API is supported with CloudWatch Logs as a Trace Segment Destination."), 400),
        ((503, "later"), 503),
    ],
)
def test_the_real_collector_signs_its_requests_and_hands_the_answer_back(
    otelcol: Path, answer: tuple[int, str], status: int
) -> None:
    with XRayOtlp(answer=answer) as xray, _collector(otelcol, xray) as collector:
        assert _send(collector) == status
    assert xray.faults == []
    assert set(xray.paths) == {"/v1/traces"}
    assert xray.spans == (["Read Data"] if status == 200 else [])


def _collector(otelcol: Path, xray: XRayOtlp) -> CollectorProcess:
    return CollectorProcess(
        binary=otelcol,
        config=yaml.safe_dump(CONFIG),
        endpoint=xray.url,
        environment={**ROLE, "XRAY_OTLP_ENDPOINT": f"{xray.url}/v1/traces"},
    )


def _send(collector: CollectorProcess) -> int:
    """Send a span as a job does; the status of the answer."""
    span = TracerProvider().get_tracer("test").start_span("Read Data")
    span.end()
    body = encode_spans([span]).SerializeToString()  # type: ignore[list-item]
    headers = {"Content-Type": "application/x-protobuf"}
    return requests.post(
        f"{collector.otlp_endpoint}/v1/traces", body, headers=headers, timeout=20
    ).status_code
