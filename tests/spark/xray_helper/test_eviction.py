# SPDX-License-Identifier: Apache-2.0
"""What Spark has forgotten before it could be read is counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.finding_table import check_said
from tests.spark.xray_helper.conftest import run
from tests.spark.xray_helper.scenery import MANY_ACTIONS
from tests.spark.xray_helper.test_findings import found_in
from tests.spark.xray_helper.traces import Trace

_RETAINED = "20"
KINDS = {"telemetry_cut": ("more_than_spark_remembers", "fewer_than_spark_remembers")}  # program and twin


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Trace]:
    folder: Path = tmp_path_factory.mktemp("eviction") / "run"
    kinds = ("ui.retainedJobs", "ui.retainedStages", "ui.retainedTasks", "sql.ui.retainedExecutions")
    settings = (f"spark.{kind}" for kind in kinds)
    return run(
        folder, "tests.spark.xray_helper.evicting_pipelines", *(f"{name}={_RETAINED}" for name in settings)
    )


@pytest.fixture
def trace(traces: dict[str, Trace]) -> Trace:
    return traces["more_than_spark_remembers"]


def test_spans_and_counts_make_up_all_actions(trace: Trace) -> None:
    attributes = trace.job["attributes"]

    assert attributes["spark.jobs.evicted"] > 0
    assert len(trace.spark_jobs) + attributes["spark.jobs.evicted"] == MANY_ACTIONS + 1
    assert len(trace.executions) + attributes["spark.executions.evicted"] == MANY_ACTIONS + 1
    assert attributes["spark.events.dropped"] == 0


@pytest.mark.parametrize(("kind", "programs"), KINDS.items())
def test_what_was_cut_is_found(kind: str, programs: tuple[str, str], traces: dict[str, Trace]) -> None:
    trace, twin = (traces[name] for name in programs)
    (found,) = found_in(trace, kind)
    cut = {
        "spark.jobs.evicted": MANY_ACTIONS + 1 - len(trace.spark_jobs),
        "spark.executions.evicted": MANY_ACTIONS + 1 - len(trace.executions),
    }

    assert {name: found.evidence[name] for name in cut} == cut
    assert found.evidence.keys() <= {*cut, "spark.stages.evicted"}
    assert (found.severity, found.where) == ("info", ["job"])
    check_said(kind, found.title)
    assert found_in(twin, kind) == []


def test_the_next_step_is_whole(trace: Trace) -> None:
    (execution,) = trace.children(trace.steps["One"])

    assert len(trace.children(execution)) == 1


def test_a_median_of_the_tasks_that_are_left_is_none(traces: dict[str, Trace]) -> None:
    (stage,) = traces["more_tasks_than_spark_remembers"].stages.values()
    attributes = stage["attributes"]

    assert attributes["spark.stage.tasks"] == MANY_ACTIONS
    assert (
        0 < attributes["spark.stage.tasks.evicted"] <= MANY_ACTIONS - int(_RETAINED) * 9 // 10
    )  # a tenth at a time
    assert "spark.stage.task.p50_ms" not in attributes
