# SPDX-License-Identifier: Apache-2.0
"""The main job with the real OpenTelemetry collector in the place that Fargate gives it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from collector.build import binary
from demo.paths import OUTPUT, ROOT
from tests.e2e import listings
from tests.e2e.documents import TraceDocuments

pytestmark = pytest.mark.e2e


def test_the_demo_is_one_trace_through_the_real_collector(tmp_path: Path) -> None:
    if not binary().exists():
        pytest.skip(f"there is no collector at {binary()}: run `make collector` (needs Go)")
    dataset = listings.write_listings(tmp_path / "listings.csv")
    log = tmp_path / "cloud.log"
    cloud = [sys.executable, "-m", "local_cloud", "run", "--real-collector", "--log", str(log), "--"]
    # Given a cloud that runs the real collector, when the pipeline is deployed and runs
    done = subprocess.run(
        [*cloud, sys.executable, "-m", "demo", "--dataset", str(dataset)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    # Then both jobs sent their spans and metrics through it, and nothing to X-Ray directly
    lines = log.read_text(encoding="utf-8").splitlines()
    for path in ("/v1/traces", "/v1/metrics"):
        assert len([line for line in lines if f"the real one answered 200 to {path}" in line]) >= 2
    assert not [line for line in lines if "the real one gave no answer" in line]
    # and the trace is one tree
    trace = TraceDocuments(json.loads((OUTPUT / "trace.json").read_text()))
    assert [root["origin"] for root in trace.roots()] == ["AWS::Lambda"]
    assert trace.orphans() == []
    assert len(trace.glue_jobs()) == 2
    for job, state in zip(trace.glue_jobs(), ["Clean Data", "Process Data"], strict=True):
        assert state in [ancestor["name"] for ancestor in trace.ancestors(job)]
        assert job["annotations"]["dataset"] == "listings"
