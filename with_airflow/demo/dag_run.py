# SPDX-License-Identifier: Apache-2.0
"""Follow a DAG run, and find its trace."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from demo.errors import DemoError
from with_airflow.demo.api import POLL_S, Airflow

RUN_TIMEOUT_S = 3600
SEARCH_TIMEOUT_S = 30  # X-Ray finds a trace by its annotations some seconds after it was sent
OVER = ("success", "failed")


class DagRun(NamedTuple):
    """A run that has ended."""

    run_id: str
    state: str
    tasks: dict[str, str]


def follow(airflow: Airflow, dag_id: str, run_id: str, on_change: Callable[[str], None]) -> DagRun:
    """Wait until a run has ended; report each change of a task's state.

    Raises
    ------
    DemoError
        When it runs longer than ``RUN_TIMEOUT_S``.
    """
    known: dict[str, str] = {}
    deadline = time.monotonic() + RUN_TIMEOUT_S
    while time.monotonic() < deadline:
        state = airflow.state(dag_id, run_id)
        tasks = {name: str(task["state"]) for name, task in airflow.tasks(dag_id, run_id).items()}
        for name, now in tasks.items():
            if known.get(name) != now:
                on_change(f"{name}: {now}")
        known = tasks
        if state in OVER:
            return DagRun(run_id, state, tasks)
        time.sleep(POLL_S)
    raise DemoError(f"The run {run_id} of {dag_id} is not over after {RUN_TIMEOUT_S} s: see Airflow's page.")


def find_trace(xray: Any, caller: str) -> str:
    """Return the id of the trace that holds the job of this task, ``<dag>.<task> <run id>``.

    Raises
    ------
    DemoError
        When X-Ray finds none within ``SEARCH_TIMEOUT_S``.
    """
    deadline = time.monotonic() + SEARCH_TIMEOUT_S
    while time.monotonic() < deadline:
        now = datetime.now(UTC)
        found = xray.get_trace_summaries(
            StartTime=now - timedelta(hours=6),
            EndTime=now + timedelta(minutes=1),
            TimeRangeType="Event",  # Airflow's trace ids are W3C's: no time is in them
            FilterExpression=f'annotation.caller = "{caller}"',
        )["TraceSummaries"]
        if found:
            return str(found[0]["Id"])
        time.sleep(POLL_S)
    raise DemoError(f"X-Ray has no trace with the annotation caller = {caller}: the job's log says why.")
