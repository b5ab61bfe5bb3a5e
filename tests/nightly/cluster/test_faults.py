# SPDX-License-Identifier: Apache-2.0
"""Each fault of a cluster: what the trace says of it, and that it has every event of Spark's log."""

from __future__ import annotations

import functools
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.nightly.cluster import (
    clock_pipelines,
    decommissioning_pipelines,
    excluding_pipelines,
    fault_pipelines,
    scaling_pipelines,
)
from tests.nightly.cluster.clock_pipelines import AHEAD_S, HERE
from tests.nightly.cluster.fault_pipelines import ADDED
from tests.spark.xray_helper import test_truth
from tests.spark.xray_helper.conftest import CLUSTER, run_here, without_python_functions
from tests.spark.xray_helper.environment import ROOT, spark_environment
from tests.spark.xray_helper.event_log import EventLog
from tests.spark.xray_helper.scenery import PARTITIONS, ROWS
from tests.spark.xray_helper.standalone import HOSTS, cluster
from tests.spark.xray_helper.traces import Trace
from xray_helper.spark.spans.notable_tasks import MOST

pytestmark = without_python_functions
REPORT = ROOT / "build" / "cluster.json"
_SCALING = (
    "spark.dynamicAllocation.enabled=true",
    "spark.dynamicAllocation.shuffleTracking.enabled=true",
    "spark.dynamicAllocation.maxExecutors=2",
    "spark.dynamicAllocation.executorIdleTimeout=1s",
    "spark.scheduler.minRegisteredResourcesRatio=0",
)
_MOVING = (  # of shuffle files to hosts that stay
    "spark.decommission.enabled=true",
    "spark.storage.decommission.enabled=true",
    "spark.storage.decommission.shuffleBlocks.enabled=true",
    "spark.storage.decommission.replicationReattemptInterval=1s",
)
RUNS: dict[str, tuple[str, tuple[str, ...]]] = {
    "fixed": (fault_pipelines.__name__, ("spark.driver.maxResultSize=1m",)),
    "excluding": (excluding_pipelines.__name__, ("spark.excludeOnFailure.enabled=true",)),
    "scaling": (scaling_pipelines.__name__, _SCALING),
    "decommissioning": (scaling_pipelines.__name__, (*_SCALING, "spark.decommission.enabled=true")),
    "moving": (decommissioning_pipelines.__name__, _MOVING),
    "clocks": (clock_pipelines.__name__, ()),
}
_FIRST_PATH = os.pathsep.join((str(HERE), spark_environment()["PYTHONPATH"]))
# Further variables of the workers, by run and host.
WORKERS = {
    "moving": {host: {"SPARK_WORKER_OPTS": "-Dspark.decommission.enabled=true"} for host in HOSTS},
    "clocks": {HOSTS[0]: {"AHEAD_S": str(AHEAD_S), "PYTHONPATH": _FIRST_PATH}},
}
Found = Counter[str]
# Run and pipeline -> what the trace must count; 0 where there must be none.
FAULTS: dict[tuple[str, str], Found] = {
    ("fixed", "barrier_stage"): Counter({"tasks failed": 1, "stages failed": 1, "stages retried": 1}),
    ("fixed", "killed_task"): Counter({"tasks killed": 1, "tasks retried": 1, "tasks failed": 0}),
    ("fixed", "memory_error_in_python"): Counter({"tasks failed": 1, "tasks retried": 1}),
    ("fixed", "python_worker_killed"): Counter({"tasks failed": 1, "tasks retried": 1}),
    # How many tasks fail besides depends on which of two events Spark hears first.
    ("fixed", "executors_out_of_memory"): Counter({"executors lost": 2, "stages failed": 1}),  # or 3
    ("fixed", "result_too_large"): Counter({"stages failed": 1}),
    ("fixed", "accumulators"): Counter({"tasks failed": 1, "tasks retried": 1}),
    ("fixed", "rows_of_retried_tasks"): Counter({"tasks failed": 1, "tasks retried": 1}),
    ("fixed", "near_its_data"): Counter(),
    ("fixed", "lost_worker"): Counter({"executors lost": 1}),
    ("excluding", "excluded_executor"): Counter(),
    ("scaling", "grown_and_shrunk"): Counter(),
    ("decommissioning", "grown_and_shrunk"): Counter(),
    ("moving", "decommissioned_host"): Counter({"executors lost": 0, "stages retried": 0, "tasks failed": 0}),
    ("clocks", "other_clock"): Counter(),
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[dict[str, Trace], EventLog]]:
    """Run the programs of one kind on a cluster of its own, when they are asked for."""

    @functools.cache
    def of(name: str) -> tuple[dict[str, Trace], EventLog]:
        folder = tmp_path_factory.mktemp(name) / "run"
        module, settings = RUNS[name]
        with cluster(folder / "local", WORKERS.get(name)) as master:
            traces = run_here(folder, module, f"spark.master={master}", *CLUSTER, *settings)
        return traces, EventLog.read(folder / "events")

    return of


@pytest.fixture(scope="module", autouse=True)
def rows() -> Iterator[list[dict[str, Any]]]:
    """Collect the table; write it when all is over."""
    found: list[dict[str, Any]] = []
    yield found
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(found, indent=1) + "\n")


@pytest.fixture(params=FAULTS, ids="/".join)
def fault(request: pytest.FixtureRequest) -> tuple[str, str]:
    found: tuple[str, str] = request.param
    return found


@pytest.fixture
def trace(fault: tuple[str, str], runs: Any) -> Trace:
    found: Trace = runs(fault[0])[0][fault[1]]
    return found


@pytest.fixture
def log(fault: tuple[str, str], runs: Any) -> EventLog:
    found: EventLog = runs(fault[0])[1]
    return found


test_every_execution_has_its_span_and_times = test_truth.test_every_execution_has_its_span_and_times
test_every_job_has_its_span_times_and_parent = test_truth.test_every_job_has_its_span_times_and_parent
test_every_stage_has_its_span_and_times_or_is_counted = (
    test_truth.test_every_stage_has_its_span_and_times_or_is_counted
)
test_every_metric_is_that_of_the_tasks = test_truth.test_every_metric_is_that_of_the_tasks
test_every_task_is_that_of_the_log = test_truth.test_every_task_is_that_of_the_log
test_skipped_stages_are_counted = test_truth.test_skipped_stages_are_counted


def test_the_fault_is_counted_and_no_span_is_lost(
    fault: tuple[str, str], trace: Trace, log: EventLog, rows: list[dict[str, Any]]
) -> None:
    expected, told, merged, lost = FAULTS[fault], _told(trace), _merged(trace), _spans_lost(trace, log)
    observed = {name: told[name] for name in sorted(told | expected)}
    names = {"run": fault[0], "fault": fault[1], "error": trace.facts.get("error", "")[:300]}
    says = {
        key: value
        for key, value in trace.job["attributes"].items()
        if key.startswith(("finding", "spark.ex"))
    }
    reasons = [
        span["attributes"]["spark.task.reason"][:160]
        for span in trace.tasks.values()
        if "spark.task.reason" in span["attributes"]
    ]
    ends = [one["attributes"].get("spark.executor.removed_reason") for one in trace.executors.values()]
    rows.append(
        names
        | {"expected": expected, "observed": observed, "lost": lost, "counted": merged}
        | {"job": says, "reasons": reasons, "executors": ends}
    )
    if fault[1] == "executors_out_of_memory":  # one that goes may take two of the three attempts with it
        start_ms, end_ms = (trace.job[key] // 10**6 for key in ("start_ns", "end_ns"))
        gone = [e for e in log.executors_removed.values() if start_ms <= e["Timestamp"] <= end_ms]
        assert len(gone) in (2, 3)
        expected = expected | Counter({"executors lost": len(gone)})
    assert {name: told[name] for name in expected} == dict(expected)
    assert lost == merged
    assert trace.job["attributes"]["spark.events.dropped"] == 0
    assert "xray.telemetry.faults" not in trace.job["attributes"]


def test_every_executor_has_its_row(trace: Trace, log: EventLog) -> None:
    lived = log.executors_between(trace.job["start_ns"], trace.job["end_ns"])

    assert trace.executors.keys() == lived
    assert trace.job["attributes"]["spark.executors"] == len(lived)


def test_every_failed_task_has_its_row(trace: Trace, log: EventLog) -> None:
    """A stage shows three and counts all (``test_every_metric_is_that_of_the_tasks``)."""
    for attempt in trace.stages:
        failed = {
            event["Task Info"]["Task ID"]
            for event in log.tasks[attempt]
            if event["Task End Reason"]["Reason"] not in {"Success", "TaskKilled"}
        }
        assert len(failed & trace.tasks.keys()) >= min(len(failed), MOST)


def test_accumulators_and_rows_of_retried_tasks_are_counted_once(runs: Any) -> None:
    traces = runs("fixed")[0]
    steps = traces["rows_of_retried_tasks"].steps

    assert traces["accumulators"].facts == {"count": ADDED * PARTITIONS}
    assert steps["Read"]["attributes"]["spark.step.output.rows"] == ROWS
    lost = traces["lost_worker"]
    assert lost.facts == {"first": 7, "again": 7, "rows": ROWS}
    assert lost.steps["Read"]["attributes"]["spark.step.output.rows"] == ROWS


def test_an_executor_that_spark_avoids_says_so(runs: Any) -> None:
    trace = runs("excluding")[0]["excluded_executor"]
    excluded = {
        span["attributes"]["spark.executor.host"]: span["attributes"].get("spark.executor.excluded")
        for span in trace.executors.values()
    }
    assert excluded == {HOSTS[0]: True, HOSTS[1]: None}


def test_a_barrier_stage_that_ran_again_has_its_result(runs: Any) -> None:
    sums = [[group, sum(range(group, 30, 3))] for group in range(3)]
    assert runs("fixed")[0]["barrier_stage"].facts == {"sums": sums}


def test_shuffle_files_that_were_handed_over_are_not_made_again(runs: Any) -> None:
    trace = runs("moving")[0]["decommissioned_host"]
    (gone,) = (
        span["attributes"] for span in trace.executors.values() if "spark.executor.lost" in span["attributes"]
    )

    assert trace.facts == {"first": 7, "again": 7}
    assert gone["spark.executor.lost"] is False
    assert gone["spark.executor.removed_reason"].startswith("Executor decommission: ")
    assert {span["attributes"]["spark.stage.attempt"] for span in trace.stages.values()} == {0}


def test_functions_on_a_host_with_another_clock_are_within_the_job(runs: Any) -> None:
    trace = runs("clocks")[0]["other_clock"]
    functions = [span for span in trace.spans if span["name"].startswith("Python now_s")]

    assert trace.facts["apart_s"] > AHEAD_S / 2  # both clocks were asked
    assert len(functions) > 1
    for span in functions:
        assert trace.job["start_ns"] <= span["start_ns"] < span["end_ns"] <= trace.job["end_ns"]


def test_a_slow_task_says_how_near_its_data_it_ran(runs: Any) -> None:
    slow = {
        task["attributes"]["spark.task.locality"] for task in runs("fixed")[0]["near_its_data"].tasks.values()
    }
    assert slow == {"PROCESS_LOCAL"}


@pytest.mark.parametrize("run", ["scaling", "decommissioning"])
def test_executors_that_were_given_back_are_not_lost(run: str, runs: Any) -> None:
    trace = runs(run)[0]["grown_and_shrunk"]
    lost = [span["attributes"]["spark.executor.lost"] for span in trace.executors.values()]

    assert lost == [False, False]
    assert "spark.executors.lost" not in trace.job["attributes"]


def _told(trace: Trace) -> Found:
    """Add up what the spans say of failures."""
    job, why = trace.job["attributes"], Counter[str]()
    for span in trace.tasks.values():
        why.update(f"tasks {reason}" for reason in span["attributes"]["spark.task.why"])
    stages = [span["attributes"] for span in trace.stages.values()]
    return why + Counter(
        {
            "executors lost": job.get("spark.executors.lost", 0),
            "stages failed": job.get("spark.stages.failed", 0),
            "stages retried": job.get("spark.stages.retried", 0),
            "tasks killed": sum(stage.get("spark.stage.tasks.killed") or 0 for stage in stages),
        }
    )


def _merged(trace: Trace) -> int:
    return sum(span["attributes"].get("spark.job.stages.merged") or 0 for span in trace.spark_jobs.values())


def _spans_lost(trace: Trace, log: EventLog) -> int:
    """Count the executions, jobs, stages and executors of the log that have no span."""
    times = trace.job["start_ns"], trace.job["end_ns"]
    jobs = log.jobs_between(*times)
    return (
        len(log.executions_between(*times) - trace.executions.keys())
        + len(jobs - trace.spark_jobs.keys())
        + len({attempt for job in jobs for attempt in log.stages_of(job)} - trace.stages.keys())
        + len(log.executors_between(*times) - trace.executors.keys())
    )
