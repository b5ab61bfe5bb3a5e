# SPDX-License-Identifier: Apache-2.0
"""The saved queries over a good and a failed run."""

from __future__ import annotations

from collections.abc import Sequence

from tests.e2e.expectations.same import same
from tests.e2e.expectations.tree import CLEAN_STEPS, PROCESS_STEPS
from tests.e2e.runs import Runs, json_lines

WRITERS = ("clean-job/", "process-job/", "vendedlogs/states", "Ingestion")  # parts of log groups' names


def everything_of_one_run(runs: Runs) -> str:
    """Hold that a run is found in each log group that has it, in order, and no other run is."""
    rows = runs.query("Everything of one run", run_id=runs.good.run_id)
    found = {row["@log"].rpartition(":")[2] for row in rows}
    kinds = {kind for kind in WRITERS if any(kind in name for name in found)}
    same("log groups with the run", kinds, set(WRITERS))
    times = [row["@timestamp"] for row in rows]
    same("order of the lines", times, sorted(times))
    same("lines of the other run", [row for row in rows if runs.failed.run_id in row["@message"]], [])
    steps = [line["step"] for line in json_lines(rows) if line.get("message") == "Step over"]
    same("steps", steps, [*CLEAN_STEPS, *PROCESS_STEPS])
    return f"{len(rows)} lines of {len(found)} log groups"


def one_job_of_one_run(runs: Runs, correlation_id: str) -> str:
    """Hold that the good run's first job is found by an id, with its own lines alone."""
    rows = runs.query("One job of one run", job_name="clean-job", correlation_id=correlation_id)
    lines = json_lines(rows)
    same("traces", {line["trace_id"] for line in lines}, {runs.good.trace_id})
    same("runs", {line["run_id"] for line in lines}, {runs.good.run_id})
    same("callers", {line["correlation_id"] for line in lines}, {correlation_id})
    same("jobs", {line["job_name"] for line in lines}, {"clean-job"})
    # columns of their own, not only words of the message
    same("steps", [row["step"] for row in rows if row.get("message") == "Step over"], CLEAN_STEPS)
    return f"{len(rows)} lines"


def errors_are_those_of_the_failed_run(runs: Runs, step: str, types: Sequence[str]) -> str:
    """Hold that the failed run's errors are found, newest first, and none of the good one."""
    rows = runs.query("Errors")
    times = [row["@timestamp"] for row in rows]
    same("order of the lines", times, sorted(times, reverse=True))
    same("errors of the good run", [row for row in rows if runs.good.run_id in row["@message"]], [])
    own = json_lines([row for row in rows if runs.failed.run_id in row["@message"]])
    told = [(line["message"], line.get("step")) for line in own if "message" in line]
    same("errors of the jobs", told, [("Job failed", None), ("Step failed", step)])
    same("errors of the execution", [line["type"] for line in own if "type" in line], list(types))
    return f"{len(own)} lines"
