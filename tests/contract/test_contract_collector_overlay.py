# SPDX-License-Identifier: Apache-2.0
"""The collector's configuration for X-Ray's OTLP endpoint: it fits the one that it is laid over."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

COLLECTOR = Path(__file__).parents[2] / "collector"
BASE, OVERLAY = COLLECTOR / "otel-agent-config.yaml", COLLECTOR / "xray-otlp.yaml"
OTELCOL = COLLECTOR.parent / ".tools" / "otelcol" / "otelcol"


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


def test_the_real_collector_takes_it() -> None:
    if not OTELCOL.exists():
        pytest.skip("there is no collector: python collector/build.py builds it")
    parts = subprocess.run([str(OTELCOL), "components"], capture_output=True, text=True, check=True).stdout
    if "name: sigv4auth" not in parts or "otlphttp" not in parts.replace("otlp_http", "otlphttp"):
        pytest.skip("this collector was built without the sigv4auth extension or the otlphttp exporter")
    command = [str(OTELCOL), "validate", f"--config={BASE}", f"--config={OVERLAY}"]
    environment = {**os.environ, "AWS_REGION": "eu-west-1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
