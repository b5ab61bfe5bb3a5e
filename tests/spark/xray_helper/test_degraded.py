# SPDX-License-Identifier: Apache-2.0
"""Where Spark cannot be read: the job is as it was, its steps are there, and its span says why no more is."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys

import pyspark
import pytest

from tests.spark.xray_helper.degraded_jobs import REFUSAL
from tests.spark.xray_helper.environment import ROOT, spark_environment
from tests.spark.xray_helper.traces import Trace

TIMEOUT_S = 200
_NEEDED_FOR_CONNECT = ("grpc", "grpc_status", "zstandard", "pandas", "pyarrow")
with_connect = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in _NEEDED_FOR_CONNECT)
    or importlib.util.find_spec("pyspark.sql.connect") is None,
    reason=f"the environment of PySpark {pyspark.__version__} has no Spark Connect",
)


def run(*jobs: str, **environment: str) -> dict[str, Trace]:
    """Run jobs one after the other in a process of their own; all must succeed."""
    command = [sys.executable, "-m", "tests.spark.xray_helper.degraded_jobs", *jobs]
    done = subprocess.run(
        command,
        env=spark_environment() | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    assert "Telemetry failed" not in done.stdout + done.stderr
    lines = done.stdout.splitlines()[-len(jobs) :]
    return {name: Trace(spans, {}) for line in lines for name, spans in json.loads(line).items()}


@pytest.fixture(scope="module")
def traces() -> dict[str, Trace]:
    """The jobs that start and stop Spark: one JVM, a context each."""
    return run("stopped", "stopped_in_its_step", "stopped_before", "asked_before_the_first_action", "refused")


def tracing(trace: Trace) -> tuple[str, str]:
    """How much the job's span claims to be traced, and why no more."""
    attributes = trace.job["attributes"]
    return attributes["spark.tracing"], attributes["spark.tracing.reason"]


def test_all_is_known_of_a_spark_that_the_job_stops(traces: dict[str, Trace]) -> None:
    trace = traces["stopped"]
    ((_, execution),) = trace.executions.items()

    assert trace.step_of(execution) == "Count"
    assert trace.steps.keys() == {"Plan", "Count", "After"}
    assert trace.job["attributes"]["spark.tracing"] == "executions"
    assert trace.job["attributes"]["spark.executions"] == 1
    assert trace.job["attributes"]["spark.version"] == pyspark.__version__
    assert "spark.step.outcome" in trace.steps["Plan"]["attributes"]


def test_what_was_empty_at_first_is_read_later(traces: dict[str, Trace]) -> None:
    trace = traces["asked_before_the_first_action"]
    ((_, execution),) = trace.executions.items()

    assert trace.step_of(execution) == "Count"


def test_a_step_in_which_spark_is_stopped_has_what_it_ran(traces: dict[str, Trace]) -> None:
    trace = traces["stopped_in_its_step"]
    ((_, execution),) = trace.executions.items()

    assert trace.step_of(execution) == "Count"
    assert trace.steps.keys() == {"Count"}
    assert trace.job["attributes"]["spark.tracing"] == "executions"


def test_without_a_context_there_are_steps_only(traces: dict[str, Trace]) -> None:
    trace = traces["stopped_before"]

    assert trace.steps.keys() == {"After"}
    assert tracing(trace) == (
        "steps only",
        "No SparkContext in this process: never started, or stopped before a step ended",
    )


def test_a_gateway_that_refuses_is_quoted(traces: dict[str, Trace]) -> None:
    trace = traces["refused"]
    extent, reason = tracing(trace)

    assert trace.executions == {}
    assert trace.steps.keys() == {"Plan", "Count"}
    assert extent == "steps only"
    assert REFUSAL in reason


def test_threads_that_share_connections_keep_their_steps_apart() -> None:
    trace = run("unpinned", PYSPARK_PIN_THREAD="false")["unpinned"]
    tasks = {name: span["attributes"].get("spark.tasks") for name, span in trace.steps.items()}

    parts = {f"Table {number} part {part}": number for number in range(2, 6) for part in range(3)}
    assert tasks == parts | {"Load": None}
    assert trace.job["attributes"]["spark.tasks"] == sum(parts.values()) + 1  # the last one, outside


@with_connect
def test_spark_connect_gets_steps_only() -> None:
    trace = run("connect")["connect"]

    assert len(trace.spans) == 3
    assert trace.steps.keys() == {"Plan", "Count"}
    assert tracing(trace) == (
        "steps only",
        "Spark Connect: its server runs the actions, and they carry no mark of a step",
    )
