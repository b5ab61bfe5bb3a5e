# SPDX-License-Identifier: Apache-2.0
"""A clean job that fails: the same first cause in Airflow, in the trace and in the logs."""

from __future__ import annotations

import json

from with_airflow.tests.e2e.conftest import Run


def _cause(bad: Run) -> str:
    """What the job raised, as its own log has it."""
    lines = [
        json.loads(line.message)
        for line in bad.deployment.lines()
        if bad.run_id in line.message and '"Step failed"' in line.message
    ]
    (first,) = lines
    assert (first["step"], first["error_type"]) == ("Read Data", "SchemaError")
    return str(first["error"])


def test_the_tasks_behind_it_do_not_run(bad: Run) -> None:
    assert bad.state == "failed"
    assert bad.tasks == {
        "crawl": "success",
        "clean": "failed",
        "process": "upstream_failed",
        "report": "upstream_failed",
    }


def test_airflow_the_trace_and_the_logs_tell_the_same_cause(bad: Run) -> None:
    cause = _cause(bad)
    assert cause.startswith(f"s3://{bad.deployment.bucket}/input/broken.csv ")
    assert f"SchemaError: {cause}" in bad.log("clean")
    trace = bad.trace("clean")
    (job,) = trace.glue_jobs()
    assert job["fault"]
    (step,) = [child for child in trace.children(job) if child["name"] == "Read Data"]
    assert step["fault"]
    assert [exception["message"] for exception in step["cause"]["exceptions"]] == [cause]


def test_the_trace_is_whole_all_the_same(bad: Run) -> None:
    trace = bad.trace("clean")
    (root,) = trace.roots()
    assert trace.orphans() == []
    assert root["metadata"]["default"]["airflow.dag_run.state"] == "failed"
    states = {
        child["metadata"]["default"]["airflow.task.state"]
        for child in trace.children(root)
        if child["name"] == "clean"
    }
    assert "failed" in states
