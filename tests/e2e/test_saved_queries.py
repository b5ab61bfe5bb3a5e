# SPDX-License-Identifier: Apache-2.0
"""Every saved query of the deployed stack, against what is known by hand of a good and a failing run."""

from __future__ import annotations

import pytest

from tests.e2e.expectations import queries, rows
from tests.e2e.expectations.tree import PROCESS_STEPS
from tests.e2e.runs import CALLER, Runs, json_lines, saved_queries
from tests.e2e.test_demo import ROWS
from tests.e2e.test_one_story import STORY

pytestmark = pytest.mark.e2e


def test_these_are_all_the_saved_queries(runs: Runs) -> None:
    """A new one needs a test below."""
    names = {"Everything of one run", "One job of one run", "Errors", "Rejected rows"}
    assert set(saved_queries(runs.deployment)) == names


def test_everything_of_one_run_is_found_in_each_log_group_that_has_it(runs: Runs) -> None:
    queries.everything_of_one_run(runs)


@pytest.mark.parametrize("name", ["run_id", "trace_id"])
def test_everything_is_found_by_other_ids_too(runs: Runs, name: str) -> None:
    """By the trace id all lines that carry it, of the jobs and of the function."""
    rows = runs.query("Everything of one run", run_id=getattr(runs.good, name))
    assert {line["job_name"] for line in json_lines(rows) if "step" in line} == {"clean-job", "process-job"}


def test_one_job_of_one_run_by_the_callers_id(runs: Runs) -> None:
    queries.one_job_of_one_run(runs, CALLER)


def test_one_job_of_one_run_without_a_callers_id(runs: Runs) -> None:
    rows = runs.query("One job of one run", job_name="process-job", correlation_id=runs.failed.trace_id)
    lines = json_lines(rows)
    assert {line["run_id"] for line in lines} == {runs.failed.run_id}
    assert [line["step"] for line in lines if line["message"] == "Step over"] == PROCESS_STEPS[:-1]


def test_the_errors_are_those_of_the_failed_run(runs: Runs) -> None:
    # The failure is caught, so that its cause can be told in one sentence: then the execution fails.
    queries.errors_are_those_of_the_failed_run(runs, "Write Data", ["ExecutionFailed", "TaskFailed"])


def test_rejected_rows_are_added_up_by_reason_and_run(runs: Runs) -> None:
    rows.in_the_logs(runs, runs.good.run_id, ROWS)
    rows.in_the_logs(runs, runs.failed.run_id, STORY)
