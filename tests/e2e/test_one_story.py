# SPDX-License-Identifier: Apache-2.0
"""The tree, the page, the logs and the metrics of one failing run tell the same story, in numbers."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.e2e import listings
from tests.e2e.documents import TraceDocuments
from tests.e2e.runs import STORY_READ, STORY_REJECTED, Runs, json_lines
from trace_viewer import Trace, fetch_trace, render_html, render_tree

pytestmark = pytest.mark.e2e

REJECTED = sum(STORY_REJECTED.values())
FAILED_STEP = "Write Data"


@pytest.fixture(scope="module")
def trace(runs: Runs) -> Trace:
    assert runs.failed.status == "FAILED"
    return fetch_trace(runs.failed.trace_id)


@pytest.fixture(scope="module")
def documents(trace: Trace) -> TraceDocuments:
    return TraceDocuments(trace.to_json())


@pytest.fixture(scope="module")
def page(trace: Trace) -> tuple[str, dict[str, Any]]:
    """The page and the data in it."""
    html = render_html(trace)
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert found
    return html, json.loads(found[1])


@pytest.fixture(scope="module")
def errors(runs: Runs) -> list[dict[str, Any]]:
    """The second job's lines of the level ERROR, from its saved query."""
    rows = runs.query("One job of one run", job_name="process-job", correlation_id=runs.failed.trace_id)
    return [line for line in json_lines(rows) if line["level"] == "ERROR"]


def test_the_rows_are_the_same_everywhere(
    runs: Runs, trace: Trace, documents: TraceDocuments, page: tuple[str, dict[str, Any]]
) -> None:
    # in the tree,
    tree = render_tree(trace, width=200)
    counts = f"{STORY_READ} read → {listings.ROWS_CLEAN} clean, {listings.ROWS_DUPLICATE} duplicate"
    assert f"{counts}, {REJECTED} rejected" in tree
    for reason, rows in STORY_REJECTED.items():
        assert f"{reason} {rows}" in tree
    # on the page,
    (row,) = [row for row in page[1]["rows"] if row["id"] == documents.glue_jobs()[0]["id"]]
    assert row["rows"] == {
        "rows_read": STORY_READ,
        "rows_clean": listings.ROWS_CLEAN,
        "rows_duplicate": listings.ROWS_DUPLICATE,
        "rows_rejected": REJECTED,
    }
    assert row["reasons"] == STORY_REJECTED
    # in the logs,
    rejected = runs.query("Rejected rows")
    assert {
        line["reason"]: int(line["rejected"]) for line in rejected if line["run_id"] == runs.failed.run_id
    } == STORY_REJECTED
    # and in the metrics, less what the good run beside it has added.
    clean = {"job_name": "clean-job"}
    assert runs.since("job.rows", **clean, outcome="read") - listings.ROWS_READ == STORY_READ
    good = sum(listings.REJECTED_BY_REASON.values())
    assert runs.since("job.rows", **clean, outcome="rejected") - good == REJECTED
    for reason, count in STORY_REJECTED.items():
        grown = runs.since("job.rows.rejected", **clean, reason=reason)
        assert grown - listings.REJECTED_BY_REASON[reason] == count


def _failed_step(documents: TraceDocuments) -> dict[str, Any]:
    _, job = documents.glue_jobs()
    (step,) = [child for child in documents.children(job) if child.get("fault")]
    return step


def test_the_failed_step_is_the_same_everywhere(
    runs: Runs,
    trace: Trace,
    documents: TraceDocuments,
    page: tuple[str, dict[str, Any]],
    errors: list[dict[str, Any]],
) -> None:
    (heading,) = [line for line in render_tree(trace, width=200).splitlines() if "failed in" in line]
    assert f"process-job › {FAILED_STEP}" in heading  # noqa: RUF001 as the tree has it
    html, data = page
    (row,) = [row for row in data["rows"] if row["id"] == _failed_step(documents)["id"]]
    assert (row["name"], row["status"]) == (FAILED_STEP, "fault")
    assert data["failed"] in {
        row["id"],
        *(below["id"] for below in documents.below(documents.by_id[row["id"]])),
    }
    assert f"<b>{FAILED_STEP}</b>" in html
    step, job = errors
    assert (step["message"], step["step"]) == ("Step failed", FAILED_STEP)
    assert job["message"] == "Job failed"
    assert runs.since("job.duration", job_name="process-job", status="failed") > 0
    # One failure: its type and its sentence, which names the object that could not be written.
    exception, *causes = row["exceptions"]
    assert causes  # Spark's own
    assert exception["type"] == f"transforms.errors.{step['error_type']}"
    assert step["error_type"] == job["error_type"] == "JobError"
    assert exception["message"] == step["error"] == job["error"]
    assert "/processed/story/" in step["error"]
    assert step["error"] in (runs.failed.cause or "")


def test_the_job_took_as_long_everywhere(
    runs: Runs, documents: TraceDocuments, page: tuple[str, dict[str, Any]], errors: list[dict[str, Any]]
) -> None:
    _, segment = documents.glue_jobs()
    seconds = segment["end_time"] - segment["start_time"]
    (row,) = [row for row in page[1]["rows"] if row["id"] == segment["id"]]
    assert row["duration"] == pytest.approx(seconds * 1000, abs=1)
    assert errors[-1]["seconds"] == pytest.approx(seconds, abs=0.001)
    metric = runs.since("job.duration", job_name="process-job", status="failed")
    assert metric == pytest.approx(seconds, abs=0.001)
