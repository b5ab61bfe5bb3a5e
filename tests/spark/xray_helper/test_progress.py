# SPDX-License-Identifier: Apache-2.0
"""Task counts of a running job in its log, from a real Spark."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.spark.xray_helper.conftest import without_python_functions
from tests.spark.xray_helper.environment import ROOT, spark_environment

pytestmark = without_python_functions
TRACE_ID = "1-69202261-0123456789abcdef01234567"
# Eight tasks of a second, two at a time: four seconds of one stage.
JOB = f"""
import time
from pyspark.sql import SparkSession
from xray_helper import Settings, traced_job

def slow(rows):
    time.sleep(1)
    return rows

settings = Settings(
    job_name="slow", trace_header="Root={TRACE_ID};Parent=53995c3f42cd8ad8;Sampled=1",
    otlp_endpoint="http://127.0.0.1:9", log_correlation=LOGS, parent_deadline_s=0.1, checkpoint_s=1e6,
)
with traced_job(settings=settings) as job:
    spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    with job.step("Sleep"):
        spark.sparkContext.range(0, 8, numSlices=8).mapPartitions(slow).count()
    with job.step("Rest"):
        time.sleep(2.5)  # nothing runs, nothing is said
    if STOP:
        spark.stop()
        time.sleep(1.5)
print("the job is over")
"""


@pytest.fixture(scope="module")
def printed() -> list[list[dict[str, Any]]]:
    """Run the job with and without log correlation, in one JVM; the JSON lines of each."""
    with_logs = JOB.replace("LOGS", "True").replace("STOP", "True")
    without = JOB.replace("LOGS", "False").replace("STOP", "False")
    command, environment = [sys.executable, "-c", with_logs + without], spark_environment()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    first, second, rest = done.stdout.split("the job is over")
    assert rest.strip() == ""
    assert "Telemetry failed" not in done.stdout + done.stderr
    return [
        [json.loads(line) for line in part.splitlines() if line.startswith("{")] for part in (first, second)
    ]


@pytest.fixture(scope="module")
def told(printed: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    return [line for line in printed[0] if line["message"] == "Spark tasks"]


def test_the_counts_grow_to_the_stages_own(told: list[dict[str, Any]]) -> None:
    assert len(told) >= 2
    assert {line["tasks_total"] for line in told} == {8}
    done = [line["tasks_done"] for line in told]
    assert done == sorted(set(done))  # a line only when something has changed
    assert 0 <= done[0] < done[-1] <= 8


def test_each_line_says_whose_it_is(told: list[dict[str, Any]]) -> None:
    assert {(line["trace_id"], line["job_name"], line["step"]) for line in told} == {
        (TRACE_ID, "slow", "Sleep")
    }
    assert {tuple(line["stages"]) for line in told} == {(0,)}


def test_a_job_without_log_correlation_writes_none(printed: list[list[dict[str, Any]]]) -> None:
    assert printed[1] == []
