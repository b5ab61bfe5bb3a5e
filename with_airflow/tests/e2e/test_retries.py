# SPDX-License-Identifier: Apache-2.0
"""A task that is cleared runs again in the trace of its run, and the two tries are told apart."""

from __future__ import annotations

from with_airflow.demo import dag_run
from with_airflow.tests.e2e.conftest import Run


def _clear(run: Run, task: str) -> None:
    request = {"dry_run": False, "dag_run_id": run.run_id, "task_ids": [task], "only_failed": False}
    run.deployment.airflow.call("POST", f"/dags/{run.dag_id}/clearTaskInstances", request)


def test_a_cleared_task_is_another_try(bad: Run) -> None:
    """The last question to this run: it changes it."""
    _clear(bad, "clean")
    again = dag_run.follow(bad.deployment.airflow, bad.dag_id, bad.run_id, lambda change: None)
    assert again.tasks["clean"] == "failed"
    trace = bad.trace("clean")
    first, second = trace.glue_jobs()
    parents = [trace.by_id[str(trace.parent[job["id"]])] for job in (first, second)]
    assert [parent["name"] for parent in parents] == ["clean", "clean"]
    assert [parent["metadata"]["default"]["airflow.task.try_number"] for parent in parents] == [1, 2]
    assert first["annotations"]["caller"] == second["annotations"]["caller"]
    assert trace.orphans() == []
