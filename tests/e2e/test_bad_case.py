# SPDX-License-Identifier: Apache-2.0
"""The first thing that is said of a run whose file is bad in every way, and the page that says it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.bad_case import REJECTED, ROWS, write_bad_case
from tests.e2e.conftest import Deployment
from tests.e2e.expectations import tree
from tests.integration.trace_viewer.test_viewer_browser import node_command, run_in_browser
from trace_viewer import Trace, fetch_trace, render_html, render_tree

__all__ = ["node_command"]  # a fixture
pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def trace(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Trace:
    path = write_bad_case(tmp_path_factory.mktemp("bad") / "bad.csv.gz")
    execution = deployment.finish(deployment.start(path))
    assert execution.status == "SUCCEEDED", execution
    return fetch_trace(execution.trace_id)


def test_the_first_sentence_is_that_of_the_rejected_rows(trace: Trace, deployment: Deployment) -> None:
    first = trace.findings.found[0]

    assert first.kind == "rejected_rows"
    assert first.where == ["clean-job"]
    assert first.evidence == {"rows_read": ROWS, "rows_rejected": REJECTED, "invalid_price": REJECTED}
    said = "40 % of the rows were rejected: 8,000 of 20,000, most for invalid_price (8,000)"
    assert first.title == said
    printed = " ".join(render_tree(trace, width=200).split())
    assert f"rejected rows in clean-job: {said}" in printed


def test_the_rejected_rows_are_where_it_says(trace: Trace, deployment: Deployment) -> None:
    place = trace.findings.found[0].advice.removeprefix("Read them at ").partition(", by reason")[0]
    prefix = place.removeprefix(f"s3://{deployment.bucket}/")

    written = [deployment.s3.get_object(Bucket=deployment.bucket, Key=key) for key in deployment.keys(prefix)]
    assert sum(one["Body"].read().count(b"\n") for one in written) == REJECTED


def test_nothing_was_left_out_and_the_page_is_small(trace: Trace) -> None:
    assert [one.title for one in trace.findings.found if one.kind == "telemetry_cut"] == []
    tree.page_of(trace)


def test_axe_finds_nothing(trace: Trace, node_command: str, tmp_path: Path) -> None:
    (tmp_path / "whole.html").write_text(render_html(trace), encoding="utf-8")
    run_in_browser(node_command, "whole", tmp_path)
