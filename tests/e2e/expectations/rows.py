# SPDX-License-Identifier: Apache-2.0
"""The same row counts in data, tree, page, logs and metrics."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from demo import summary
from tests.e2e.expectations.same import same, words
from tests.e2e.runs import Runs
from trace_viewer import Trace, render_html, render_tree
from trace_viewer.rendering.terminal.tree import REASONS_SHOWN

CLEAN = {"job_name": "clean-job"}


class Rows(NamedTuple):
    """What becomes of a file's rows."""

    read: int
    clean: int
    duplicate: int
    rejected: Mapping[str, int]

    @property
    def all_rejected(self) -> int:
        return sum(self.rejected.values())

    def __str__(self) -> str:
        return (
            f"{self.read} read, {self.clean} clean, {self.duplicate} duplicate, {self.all_rejected} rejected"
        )


def in_the_data(folder: Path, rows: Rows) -> str:
    """Hold the rows against the files that both jobs wrote, copied to a folder."""
    same("clean rows in the files", summary.count_parquet(folder / "clean"), rows.clean)
    same("rejected rows in the files", dict(summary.count_rejected(folder / "rejected")), dict(rows.rejected))
    return f"{rows.clean} clean, {rows.all_rejected} rejected for {words(len(rows.rejected), 'reason')}"


def in_the_tree(trace: Trace, rows: Rows) -> str:
    """Hold the rows against the tree in the terminal."""
    tree = render_tree(trace, width=200)
    counts = f"{rows.read:,} read → {rows.clean:,} clean, {rows.duplicate:,} duplicate"
    line = f"{counts}, {rows.all_rejected:,} rejected"
    assert line in tree, f"the tree does not say: {line}"
    reasons = sorted(rows.rejected.items(), key=lambda item: (-item[1], item[0]))
    said = [f"{reason} {count}" for reason, count in reasons[:REASONS_SHOWN]]
    if len(reasons) > REASONS_SHOWN:
        said.append(f"and {len(reasons) - REASONS_SHOWN} more reasons")
    for words_of_it in said:
        assert words_of_it in tree, f"the tree does not say: {words_of_it}"
    return line


def on_the_page(trace: Trace, job_id: str, rows: Rows) -> str:
    """Hold the rows against the data of the page."""
    (row,) = [row for row in page_data(render_html(trace))["rows"] if row["id"] == job_id]
    expected = {
        "rows_read": rows.read,
        "rows_clean": rows.clean,
        "rows_duplicate": rows.duplicate,
        "rows_rejected": rows.all_rejected,
    }
    same("rows on the page", row["rows"], expected)
    same("reasons on the page", row["reasons"], dict(rows.rejected))
    return str(rows)


def page_data(html: str) -> dict[str, Any]:
    """Return what a page holds as data."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert found, "the page has no data"
    data: dict[str, Any] = json.loads(found[1])
    return data


def in_the_logs(runs: Runs, run_id: str, rows: Rows) -> str:
    """Hold the reasons against the saved query that adds them up."""
    found = runs.query("Rejected rows")
    same("columns", {frozenset(row) for row in found}, {frozenset({"reason", "run_id", "rejected"})})
    counts = [int(row["rejected"]) for row in found]
    same("order", counts, sorted(counts, reverse=True))
    own = {row["reason"]: int(row["rejected"]) for row in found if row["run_id"] == run_id}
    same("reasons in the logs", own, dict(rows.rejected))
    return f"{rows.all_rejected} rejected for {words(len(own), 'reason')}"


def in_the_metrics(runs: Runs, *files: Rows) -> str:
    """Hold the rows of all files against what the metrics grew by."""
    for outcome in ("read", "clean", "duplicate"):
        expected = sum(getattr(rows, outcome) for rows in files)
        same(f"job.rows {outcome}", runs.since("job.rows", **CLEAN, outcome=outcome), expected)
    clean = sum(rows.clean for rows in files)
    same("process job's rows", runs.since("job.rows", job_name="process-job", outcome="read"), clean)
    same("dropped spans", runs.since("job.spans", **CLEAN, outcome="dropped"), 0)
    return f"{sum(rows.read for rows in files)} read, {clean} clean, no span dropped"


def rejected_in_the_metrics(runs: Runs, *files: Rows) -> str:
    """Hold the rejected rows of all files, by reason, against what the metrics grew by."""
    rejected = sum(rows.all_rejected for rows in files)
    same("job.rows rejected", runs.since("job.rows", **CLEAN, outcome="rejected"), rejected)
    reasons = {reason for rows in files for reason in rows.rejected}
    for reason in sorted(reasons):
        expected = sum(rows.rejected.get(reason, 0) for rows in files)
        same(f"rejected for {reason}", runs.since("job.rows.rejected", **CLEAN, reason=reason), expected)
    return f"{rejected} rejected for {words(len(reasons), 'reason')}"
