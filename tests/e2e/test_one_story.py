# SPDX-License-Identifier: Apache-2.0
"""The tree, the page, the logs and the metrics of one failing run tell the same story, in numbers."""

from __future__ import annotations

import pytest

from tests.e2e import listings
from tests.e2e.documents import TraceDocuments
from tests.e2e.expectations import failure, rows
from tests.e2e.runs import STORY_READ, STORY_REJECTED, Runs
from tests.e2e.test_demo import ROWS
from trace_viewer import Trace, fetch_trace, render_html
from trace_viewer.xray.job_runs import read_job_runs

pytestmark = pytest.mark.e2e

STORY = rows.Rows(STORY_READ, listings.ROWS_CLEAN, listings.ROWS_DUPLICATE, STORY_REJECTED)
FAILED_STEP = "Write Data"


@pytest.fixture(scope="module")
def trace(runs: Runs) -> Trace:
    assert runs.failed.status == "FAILED"
    return fetch_trace(runs.failed.trace_id)


@pytest.fixture(scope="module")
def documents(trace: Trace) -> TraceDocuments:
    return TraceDocuments(trace.to_json())


def test_the_rows_are_the_same_everywhere(runs: Runs, trace: Trace, documents: TraceDocuments) -> None:
    rows.in_the_tree(trace, STORY)
    rows.on_the_page(trace, documents.glue_jobs()[0]["id"], STORY)
    rows.in_the_logs(runs, runs.failed.run_id, STORY)
    rows.in_the_metrics(runs, ROWS, STORY)
    rows.rejected_in_the_metrics(runs, ROWS, STORY)


def test_the_failed_step_is_the_same_everywhere(runs: Runs, trace: Trace, documents: TraceDocuments) -> None:
    failure.is_the_same_everywhere(runs, trace, "process-job", FAILED_STEP, "JobError")
    # It names the object that could not be written, and has Spark's own causes.
    step = failure.failed_step(documents)
    (row,) = [row for row in rows.page_data(render_html(trace))["rows"] if row["id"] == step["id"]]
    exception, *causes = row["exceptions"]
    assert causes
    assert "/processed/story/" in exception["message"]


def test_the_cost_is_what_glue_bills(runs: Runs) -> None:
    """Two G.1X workers, by Glue's own clock; the trace itself knows Glue's names of job and run."""
    trace = fetch_trace(runs.failed.trace_id)
    trace.job_runs.update(read_job_runs(trace))

    assert trace.cost is not None
    assert trace.cost.is_exact
    for job in trace.cost.jobs:
        billed = next(
            run for run in trace.job_runs.values() if 2 * max(60, run["ExecutionTime"]) == job.dpu_seconds
        )
        assert (billed["WorkerType"], billed["NumberOfWorkers"]) == ("G.1X", 2)
        assert billed["ExecutionTime"] >= job.node.duration - 1


def test_the_job_took_as_long_everywhere(runs: Runs, trace: Trace) -> None:
    failure.took_as_long_everywhere(runs, trace, "process-job")
