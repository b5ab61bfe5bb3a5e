# SPDX-License-Identifier: Apache-2.0
"""What is found where executors have hosts of their own, with the numbers of the event log."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.finding_table import check_said
from tests.nightly.cluster import slow_pipelines
from tests.spark.xray_helper.conftest import CLUSTER, run_here, without_python_functions
from tests.spark.xray_helper.event_log import EventLog, mean_ms
from tests.spark.xray_helper.standalone import HOSTS, cluster
from tests.spark.xray_helper.test_findings import Evidence, found_in, of_stage, sums_of_tasks
from tests.spark.xray_helper.traces import Trace
from xray_common.findings import Finding

pytestmark = without_python_functions
ONE_BLOCK_AT_A_TIME = (
    "spark.reducer.maxReqsInFlight=1",
    "spark.reducer.maxBlocksInFlightPerAddress=1",
    "spark.sql.adaptive.enabled=false",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("slow") / "run"


@pytest.fixture(scope="module")
def traces(folder: Path) -> dict[str, Trace]:
    with cluster(folder.parent / "processes") as master:
        settings = (f"spark.master={master}", *CLUSTER, *ONE_BLOCK_AT_A_TIME)
        return run_here(folder, slow_pipelines.__name__, *settings)


@pytest.fixture(scope="module")
def log(folder: Path, traces: dict[str, Trace]) -> EventLog:
    return EventLog.read(folder / "events")


def _by_host(log: EventLog, found: Finding) -> Evidence:
    tasks = log.tasks[of_stage(found)]
    there, elsewhere = ([task for task in tasks if task["Task Info"]["Host"] == host] for host in HOSTS)
    return {
        "executors": 2,
        "host": HOSTS[0],
        "slowest_task_ms": round(mean_ms(there)),
        "others_task_ms": round(mean_ms(elsewhere)),
    }


EVIDENCE: dict[str, Callable[[EventLog, Finding], Evidence]] = {
    "slow_host": _by_host,
    "fetch_bound": sums_of_tasks(
        fetch_wait_ms="spark.stage.shuffle.fetch_wait_time_ms",
        task_ms="spark.stage.executor.run_time_ms",
        shuffle_read_bytes="spark.stage.shuffle.read_bytes",
    ),
}


@pytest.mark.parametrize("kind", EVIDENCE)
def test_a_problem_is_found_with_the_numbers_of_the_event_log(
    kind: str, traces: dict[str, Trace], log: EventLog
) -> None:
    (found,) = found_in(traces[kind], kind)

    assert found.evidence == EVIDENCE[kind](log, found)
    assert found.where[:2] == ["job", "Work"]
    check_said(kind, found.title)


@pytest.mark.parametrize("kind", EVIDENCE)
def test_of_its_twin_nothing_is_said(kind: str, traces: dict[str, Trace]) -> None:
    twin = traces[f"{kind}_twin"]

    assert [found.title for found in found_in(twin, kind)] == []
    assert "finding" not in twin.job["attributes"], twin.job["attributes"]["finding.title"]
