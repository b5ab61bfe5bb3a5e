# SPDX-License-Identifier: Apache-2.0
"""The saved queries find every line of a run and of a task, and no other."""

from __future__ import annotations

from collections import Counter

from with_airflow.tests.e2e.conftest import Line, Run

RUN_QUERY, TASK_QUERY = "Everything of one run", "One task of one run"


def _of_run(run: Run, line: Line) -> bool:
    """Whether a line belongs to a run, told without a query: it names it, or is in the stream of a task."""
    return run.run_id in line.message or run.in_streams in line.stream


def _of_task(run: Run, task: str, line: Line) -> bool:
    """The same of one task: its stream, its job's lines, or what Airflow itself says of it."""
    name = f"{run.dag_id}.{task} {run.run_id}"
    own = line.stream.startswith(f"dag_id={run.dag_id}{run.in_streams}task_id={task}/")
    return own or f'"{name}"' in line.message or f"{name} [" in line.message


def _found(rows: list[dict[str, str]]) -> Counter[tuple[str, str]]:
    return Counter((row["@log"].rpartition(":")[2], row["@message"]) for row in rows)


def test_everything_of_a_run_and_nothing_of_another(good: Run, bad: Run) -> None:
    lines = list(good.deployment.lines())
    for run, other in ((good, bad), (bad, good)):
        expected = Counter((line.group, line.message) for line in lines if _of_run(run, line))
        found = _found(good.deployment.query(RUN_QUERY, run_id=run.run_id))
        assert found.keys() >= expected.keys()
        assert not [message for _, message in found if other.run_id in message and run.run_id not in message]
    kinds = {group for group, _ in _found(good.deployment.query(RUN_QUERY, run_id=good.run_id))}
    wanted = ("airflow-AirflowStack-Task", "clean-job/", "process-job/", "/aws/emr-serverless/AirflowStack")
    assert [name for name in wanted if not any(name in kind for kind in kinds)] == []


def test_one_task_and_nothing_of_another(good: Run) -> None:
    lines = list(good.deployment.lines())
    for task in ("clean", "report"):
        rows = good.deployment.query(TASK_QUERY, task_run=f"listings_report.{task} {good.run_id}")
        expected = Counter((line.group, line.message) for line in lines if _of_task(good, task, line))
        assert _found(rows).keys() == expected.keys()


def test_every_line_that_a_job_writes_names_its_task(good: Run) -> None:
    lines = [line for line in good.deployment.lines() if '"job_name": "report-job"' in line.message]
    assert lines
    caller = f'"caller": "listings_report.report {good.run_id}"'
    assert [line.message for line in lines if caller not in line.message] == []
