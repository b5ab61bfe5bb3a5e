# SPDX-License-Identifier: Apache-2.0
"""Every saved query of the deployed stack, against what is known by hand of a good and a failing run."""

from __future__ import annotations

import pytest

from tests.e2e import listings
from tests.e2e.runs import CALLER, STORY_REJECTED, Runs, json_lines, saved_queries
from tests.e2e.test_demo import CLEAN_STEPS, PROCESS_STEPS

pytestmark = pytest.mark.e2e


def test_these_are_all_the_saved_queries(runs: Runs) -> None:
    """A new one needs a test below."""
    names = {"Everything of one run", "One job of one run", "Errors", "Rejected rows"}
    assert set(saved_queries(runs.deployment)) == names


def test_everything_of_one_run_is_found_in_each_log_group_that_has_it(runs: Runs) -> None:
    rows = runs.query("Everything of one run", run_id=runs.good.run_id)
    found = {row["@log"].rpartition(":")[2] for row in rows}
    kinds = {"clean-job/", "process-job/", "vendedlogs/states", "Ingestion"}
    assert {kind for kind in kinds if any(kind in name for name in found)} == kinds
    assert [row["@timestamp"] for row in rows] == sorted(row["@timestamp"] for row in rows)
    assert not [row for row in rows if runs.failed.run_id in row["@message"]]
    steps = [line["step"] for line in json_lines(rows) if line.get("message") == "Step over"]
    assert steps == [*CLEAN_STEPS, *PROCESS_STEPS]


@pytest.mark.parametrize("name", ["run_id", "trace_id"])
def test_everything_is_found_by_other_ids_too(runs: Runs, name: str) -> None:
    """By the trace id all lines that carry it, of the jobs and of the function."""
    rows = runs.query("Everything of one run", run_id=getattr(runs.good, name))
    assert {line["job_name"] for line in json_lines(rows) if "step" in line} == {"clean-job", "process-job"}


def test_one_job_of_one_run_by_the_callers_id(runs: Runs) -> None:
    rows = runs.query("One job of one run", job_name="clean-job", correlation_id=CALLER)
    lines = json_lines(rows)
    assert {line["trace_id"] for line in lines} == {runs.good.trace_id}
    assert {line["run_id"] for line in lines} == {runs.good.run_id}
    assert {line["correlation_id"] for line in lines} == {CALLER}
    assert {line["job_name"] for line in lines} == {"clean-job"}
    over = [row["step"] for row in rows if row["message"] == "Step over"]
    assert over == CLEAN_STEPS  # columns of their own, not only words of the message


def test_one_job_of_one_run_without_a_callers_id(runs: Runs) -> None:
    rows = runs.query("One job of one run", job_name="process-job", correlation_id=runs.failed.trace_id)
    lines = json_lines(rows)
    assert {line["run_id"] for line in lines} == {runs.failed.run_id}
    assert [line["step"] for line in lines if line["message"] == "Step over"] == PROCESS_STEPS[:-1]


def test_the_errors_are_those_of_the_failed_run(runs: Runs) -> None:
    rows = runs.query("Errors")
    assert [row["@timestamp"] for row in rows] == sorted((row["@timestamp"] for row in rows), reverse=True)
    assert not [row for row in rows if runs.good.run_id in row["@message"]]
    own = json_lines([row for row in rows if runs.failed.run_id in row["@message"]])
    told = [(line["message"], line.get("step")) for line in own if "message" in line]
    assert told == [("Job failed", None), ("Step failed", "Write Data")]  # newest first
    # The failure is caught, so that its cause can be told in one sentence: then the execution fails.
    assert [line["type"] for line in own if "type" in line] == ["ExecutionFailed", "TaskFailed"]


def test_rejected_rows_are_added_up_by_reason_and_run(runs: Runs) -> None:
    rows = runs.query("Rejected rows")
    assert {frozenset(row) for row in rows} == {frozenset({"reason", "run_id", "rejected"})}
    counts = [int(row["rejected"]) for row in rows]
    assert counts == sorted(counts, reverse=True)

    def of(run_id: str) -> dict[str, int]:
        return {row["reason"]: int(row["rejected"]) for row in rows if row["run_id"] == run_id}

    assert of(runs.good.run_id) == listings.REJECTED_BY_REASON
    assert of(runs.failed.run_id) == STORY_REJECTED
