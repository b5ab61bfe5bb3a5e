# SPDX-License-Identifier: Apache-2.0
"""What an Airflow stack that stands in the account has done.

``make verify`` deploys none: an environment takes half an hour and bills by the hour (docs/airflow.md).
"""

from __future__ import annotations

from typing import Any

import boto3

from tests.e2e.expectations.same import same, words
from tests.verify.checks import NotVerifiableError
from with_airflow.demo.api import Airflow
from with_airflow.demo.run import DAG

SUFFIXES = ("AirflowStack", "Airflow")  # of the stack, whose name the environment has
REPORT, ENDED = "report", "report_end"


def runs_the_dag() -> str:
    """Hold that the DAG's last run succeeded."""
    environment, run, _ = _last_run()
    same(f"state of {run['dag_run_id']}", run["state"], "success")
    return f"{environment}: {run['dag_run_id']}"


def reaches_what_it_calls() -> str:
    """Hold that each task of that run succeeded: workers reach S3, Glue, EMR and X-Ray, or a task fails."""
    _, _, tasks = _last_run()
    same("tasks", {task["task_id"]: task["state"] for task in tasks if task["state"] != "success"}, {})
    return words(len(tasks), "task")


def reported_on_a_cluster() -> str:
    """Hold that the cluster of that run's report ended well."""
    _, _, tasks = _last_run()
    states = {task["task_id"]: task["state"] for task in tasks}
    if ENDED not in states:
        raise NotVerifiableError("the Airflow stack of this account was deployed without -c emr=cluster")
    same("states", (states[REPORT], states[ENDED]), ("success", "success"))
    return f"{REPORT} and {ENDED} succeeded"


def _last_run() -> tuple[str, dict[str, Any], list[dict[str, Any]]]:
    """Return the environment, the DAG's last run and its tasks."""
    mwaa = boto3.client("mwaa")
    names = [name for name in mwaa.list_environments()["Environments"] if name.endswith(SUFFIXES)]
    if not names:
        raise NotVerifiableError(
            'no Airflow stack stands here: make deploy CONTEXT="-c airflow=mwaa", run its DAG, verify again'
        )
    airflow = Airflow(mwaa, names[0])
    runs = airflow.call("GET", f"/dags/{DAG}/dagRuns")["dag_runs"]
    assert runs, f"the DAG {DAG} of {names[0]} has not run yet"
    last = max(runs, key=lambda run: str(run["run_after"]))
    return names[0], last, list(airflow.tasks(DAG, last["dag_run_id"]).values())
