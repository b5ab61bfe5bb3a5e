# SPDX-License-Identifier: Apache-2.0
"""``-c collector=none -c xray_otlp=enabled``: no network, no collector, spans to X-Ray's OTLP endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo import cdk
from local_cloud import LocalCloud
from local_cloud.control import ask
from tests.e2e import listings
from tests.e2e.conftest import Deployment, deploy
from tests.e2e.documents import TraceDocuments

pytestmark = pytest.mark.e2e

CONTEXT = ("-c", "collector=none", "-c", "xray_otlp=enabled")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    with LocalCloud(log_path=tmp_path_factory.mktemp("log") / "cloud.log") as started:
        yield started


@pytest.fixture(scope="module")
def without_collector(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with pytest.MonkeyPatch.context() as patch:
        original = cdk.start

        def start(*arguments: str, **options: Any) -> Any:
            return original(*arguments, *(CONTEXT if arguments[0] == "synth" else ()), **options)

        patch.setattr(cdk, "start", start)
        yield deploy(cloud, tmp_path_factory.mktemp("build"), patch)


def _switch_transaction_search(cloud: LocalCloud, on: bool) -> None:
    """What an administrator of the account would do; no part of the stack does."""
    state = ask("/_local_cloud/xray", {"transaction_search": on}, client=cloud.environment)
    assert state["xray"]["transaction_search"] is on


@pytest.mark.parametrize("on", [True, False])
def test_one_trace_comes_out_and_the_log_says_which_way_it_took(
    cloud: LocalCloud, without_collector: Deployment, tmp_path: Path, on: bool
) -> None:
    # Given an account with Transaction Search, or without
    _switch_transaction_search(cloud, on)
    # When a file is uploaded
    dataset = listings.write_listings(tmp_path / f"search-{on}.csv")
    execution = without_collector.finish(without_collector.start(dataset))
    # Then there is one tree, with both jobs in it
    assert execution.status == "SUCCEEDED"
    trace: TraceDocuments = without_collector.trace(execution)
    assert trace.orphans() == []
    assert len(trace.glue_jobs()) == 2
    # and each job says where its spans went
    log = _job_logs(without_collector, execution.trace_id or "")
    ways = [line for line in log if "spans made=" in line]
    assert len(ways) == 2
    for line in ways:
        assert ("x-ray=0)" in line) is on
    assert any("answered 400: The OTLP API is supported" in line for line in log) is not on


def _job_logs(deployment: Deployment, trace_id: str) -> list[str]:
    pages = deployment.logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix="/aws-glue/jobs")
    groups = [group["logGroupName"] for page in pages for group in page["logGroups"]]
    events = deployment.logs.get_paginator("filter_log_events")
    return [
        event["message"]
        for group in groups
        for page in events.paginate(logGroupName=group)
        for event in page["events"]
        if trace_id in event["message"]
    ]
