# SPDX-License-Identifier: Apache-2.0
"""Airflow's REST API, through MWAA's InvokeRestApi, which IAM protects."""

from __future__ import annotations

import time
from typing import Any

from botocore.exceptions import ClientError

from demo.errors import DemoError

PARSE_TIMEOUT_S = 120  # until a DAG that is in the bucket is known to Airflow
POLL_S = 0.5


class Airflow:
    """One MWAA environment.

    Parameters
    ----------
    mwaa
        A boto3 client.
    environment
        Name of the environment.
    """

    def __init__(self, mwaa: Any, environment: str) -> None:
        self._mwaa = mwaa
        self._environment = environment

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Make one call below ``/api/v2``.

        Raises
        ------
        botocore.exceptions.ClientError
            Airflow or MWAA refused it.
        """
        given = {} if body is None else {"Body": body}
        answer = self._mwaa.invoke_rest_api(Name=self._environment, Method=method, Path=path, **given)
        status, response = answer["RestApiStatusCode"], answer["RestApiResponse"]
        if status >= 400:
            raise DemoError(f"Airflow answered {status} to {method} {path}: {response}")
        return dict(response)

    def wait_for(self, dag_id: str) -> None:
        """Wait until Airflow has read the DAG, and unpause it.

        Raises
        ------
        DemoError
            Airflow has not read it within ``PARSE_TIMEOUT_S``; the message holds its import errors.
        """
        deadline = time.monotonic() + PARSE_TIMEOUT_S
        while time.monotonic() < deadline:
            try:
                self.call("PATCH", f"/dags/{dag_id}", {"is_paused": False})
            except (ClientError, DemoError):
                time.sleep(POLL_S)
            else:
                return
        errors = self.call("GET", "/importErrors")["import_errors"]
        raise DemoError(f"Airflow does not know the DAG {dag_id} after {PARSE_TIMEOUT_S} s. {errors}")

    def trigger(self, dag_id: str, conf: dict[str, Any]) -> str:
        """Start a run; return its id."""
        answer = self.call("POST", f"/dags/{dag_id}/dagRuns", {"logical_date": None, "conf": conf})
        return str(answer["dag_run_id"])

    def state(self, dag_id: str, run_id: str) -> str:
        """Return ``queued``, ``running``, ``success`` or ``failed``."""
        return str(self.call("GET", f"/dags/{dag_id}/dagRuns/{run_id}")["state"])

    def tasks(self, dag_id: str, run_id: str) -> dict[str, dict[str, Any]]:
        """Return the task instances of a run by task id."""
        answer = self.call("GET", f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances")
        return {task["task_id"]: task for task in answer["task_instances"]}

    def log(self, dag_id: str, run_id: str, task_id: str) -> list[str]:
        """Return the messages of a task's first try, as Airflow shows them."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/logs/1"
        return [text for line in self.call("GET", path)["content"] for text in _messages(line)]


def _messages(line: Any) -> list[str]:
    """Return the text of a line and of the exceptions in it."""
    if not isinstance(line, dict):
        return [str(line)]
    errors = line.get("error_detail") or []
    return [str(line["event"]), *(f"{error['exc_type']}: {error['exc_value']}" for error in errors)]
