# SPDX-License-Identifier: Apache-2.0
"""Spans of Python functions in workers, and what they must not do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyspark
import pytest

from tests.spark.xray_helper.conftest import run, without_python_functions
from tests.spark.xray_helper.environment import ON_CLUSTER, ROOT, java_environment
from tests.spark.xray_helper.python_pipelines import MANY_TASKS, PAUSE_S
from tests.spark.xray_helper.traces import Span, Trace
from xray_helper.spark.python_functions.records import SLOWEST_TASKS

Traces = dict[str, Trace]
# Of the environment that PySpark is installed in. The tests' own has the library, by the editable install.
BARE_PYTHON = Path(pyspark.__file__).parents[4] / "bin" / "python"
pytestmark = without_python_functions


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory) -> Traces:
    return run(tmp_path_factory.mktemp("python") / "run", "tests.spark.xray_helper.python_pipelines")


def _tasks(trace: Trace, function: str) -> list[Span]:
    return [span for span in trace.spans if span["attributes"].get("spark.python.function") == function]


def _values(spans: list[Span], name: str) -> list[Any]:
    return sorted(span["attributes"][f"spark.python.{name}"] for span in spans)


def test_no_pipeline_failed_and_telemetry_neither(traces: Traces) -> None:
    assert {name: trace.facts["error"] for name, trace in traces.items() if "error" in trace.facts} == {}
    assert all("xray.telemetry.faults" not in trace.job["attributes"] for trace in traces.values())


def test_a_task_says_batches_rows_and_where_it_ran(traces: Traces) -> None:
    trace = traces["batches_of_series"]
    tasks = _tasks(trace, "twice")

    assert trace.facts["total"] == 2 * 0.5 * (999 * 1000 / 2)  # price = id / 2
    assert _values(tasks, "rows") == [500, 500]
    assert _values(tasks, "batches") == [3, 3]  # 200 + 200 + 100
    assert _values(tasks, "partition") == [0, 1]
    assert _values(tasks, "task.attempt") == [0, 0]
    assert len(set(_values(tasks, "task.attempt_id"))) == 2
    assert {span["attributes"]["spark.python.worker.host"] for span in tasks} == {os.uname().nodename}


def test_its_parent_is_the_step_that_planned_it(traces: Traces) -> None:
    trace = traces["batches_of_series"]

    assert {trace.parent(span)["name"] for span in _tasks(trace, "twice")} == {"Plan"}
    ran_in = set(_values(_tasks(trace, "twice"), "stage.id"))
    stages = {stage for stage, _ in trace.stages if trace.step_of(trace.stages[stage, 0]) == "Run"}
    assert ran_in <= stages


def test_it_lies_within_the_stage_that_ran_it(traces: Traces) -> None:
    trace = traces["batches_of_series"]

    for span in _tasks(trace, "twice"):
        stage = trace.stages[span["attributes"]["spark.python.stage.id"], 0]
        assert stage["start_ns"] <= span["start_ns"] <= span["end_ns"] <= stage["end_ns"] + 10**6
        busy_ns = span["attributes"]["spark.python.time_ms"] * 10**6
        assert 0 < busy_ns <= span["end_ns"] - span["start_ns"]


def test_waiting_for_input_is_not_the_functions_time(traces: Traces) -> None:
    tasks = _tasks(traces["iterators"], "_one_column")

    assert _values(tasks, "rows") == [500, 500]
    assert _values(tasks, "batches") == [1, 1]
    assert max(_values(tasks, "time_ms")) < 4 * PAUSE_S * 1000  # its input takes at least that long
    assert {traces["iterators"].parent(span)["name"] for span in tasks} == {"Map"}


def test_the_time_in_an_iterator_is_the_functions(traces: Traces) -> None:
    tasks = _tasks(traces["iterators"], "patient")

    assert _values(tasks, "rows") == [500, 500]
    assert min(_values(tasks, "time_ms")) >= PAUSE_S * 1000


def test_groups_are_counted(traces: Traces) -> None:
    trace = traces["groups"]

    # The median of town k is that of the ids k, k + 5, ..., k + 995: half of k + 497.5.
    medians = sum((town + 497.5) / 2 for town in range(5))
    assert (trace.facts["heads"], trace.facts["medians"], trace.facts["rows"]) == (5, medians, 1_010)
    assert sum(_values(_tasks(trace, "first"), "groups")) == 5
    assert sum(_values(_tasks(trace, "first"), "rows")) == 1_000
    assert sum(_values(_tasks(trace, "middle"), "calls")) == 5
    assert sum(_values(_tasks(trace, "middle"), "rows")) == 1_000
    assert sum(_values(_tasks(trace, "both"), "groups")) == 5
    assert sum(_values(_tasks(trace, "both"), "rows")) == 1_010


def test_a_function_of_rows_has_no_batches(traces: Traces) -> None:
    trace = traces["single_rows"]
    tasks = _tasks(trace, "upper")

    assert trace.facts["first"] == "N0"
    assert _values(tasks, "rows") == [500, 500]
    assert not any("spark.python.batches" in span["attributes"] for span in tasks)


def test_each_step_has_its_own(traces: Traces) -> None:
    trace = traces["one_function_in_two_steps"]

    assert sorted(trace.parent(span)["name"] for span in _tasks(trace, "twice")) == [
        *["One"] * 2,
        *["Two"] * 2,
        *["job"] * 2,
    ]


def test_what_spark_runs_again_is_told_apart(traces: Traces) -> None:
    tasks = _tasks(traces["run_twice"], "twice")

    assert _values(tasks, "rows") == [500] * 4
    assert len(set(_values(tasks, "task.attempt_id"))) == 4
    assert len(set(_values(tasks, "stage.id"))) == 2


def test_the_slowest_are_kept_and_the_others_counted(traces: Traces) -> None:
    trace = traces["many_tasks"]
    tasks = _tasks(trace, "linger")
    omitted = MANY_TASKS - SLOWEST_TASKS

    assert _values(tasks, "partition") == list(range(omitted, MANY_TASKS))
    assert trace.job["attributes"]["spark.python.tasks"] == MANY_TASKS
    assert trace.job["attributes"]["spark.python.tasks.omitted"] == omitted
    (line,) = trace.steps["Linger"]["attributes"]["spark.python.functions"]
    assert line.startswith(f"linger: {MANY_TASKS} tasks, {MANY_TASKS} rows, ")
    assert line.endswith(f", {omitted} tasks left out")


def test_a_failed_attempt_hands_nothing_back(traces: Traces) -> None:
    (task,) = _tasks(traces["fails_once"], "fragile")

    assert task["attributes"]["spark.python.task.attempt"] == 1
    assert task["attributes"]["spark.python.rows"] == 10


def test_what_spark_stops_reading_is_not_measured_and_says_so(traces: Traces) -> None:
    trace = traces["only_looked_at"]

    assert _tasks(trace, "twice") == []
    assert trace.steps["Look"]["attributes"]["spark.python.functions"] == ["twice: no task reported"]


def test_it_can_be_registered_for_sql(traces: Traces) -> None:
    trace = traces["sql_function"]

    assert (trace.facts["answer"], trace.facts["type"]) == (42.0, "double")
    assert _values(_tasks(trace, "twice"), "rows") == [1]


@pytest.mark.skipif(ON_CLUSTER, reason="a Spark of its own, local as it is")
def test_workers_need_nothing_of_this_library(tmp_path: Path) -> None:
    environment = os.environ | java_environment() | {"PYSPARK_PYTHON": str(BARE_PYTHON)}
    environment.pop("PYTHONPATH", None)  # workers inherit it
    script = ROOT / "tests" / "spark" / "xray_helper" / "bare_workers.py"
    done = subprocess.run(
        [sys.executable, str(script)],
        env=environment | {"SPARK_LOCAL_IP": "127.0.0.1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    told = json.loads(done.stdout.splitlines()[-1])

    assert told["importable"] == [False, False]  # traced, untraced
    assert told["spans"] == 2  # one of each function
    assert told["faults"] is None
