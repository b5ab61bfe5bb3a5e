# SPDX-License-Identifier: Apache-2.0
"""The metrics of a good and a failing run, and the dashboard that shows them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.expectations import monitoring, rows
from tests.e2e.runs import Runs
from tests.e2e.test_demo import ROWS
from tests.e2e.test_one_story import STORY

pytestmark = pytest.mark.e2e


def test_the_metrics_count_every_row_of_both_runs(runs: Runs) -> None:
    rows.in_the_metrics(runs, ROWS, STORY)


def test_every_metric_of_the_dashboard_exists_or_is_aws_own(runs: Runs) -> None:
    assert runs.failed.status == "FAILED"
    # The clean job fails in other tests of this deployment, if they have run.
    monitoring.dashboard_shows_what_exists(runs.deployment.stack, "process-job")


def test_aws_own_metrics_of_the_dashboard_are_documented(runs: Runs) -> None:
    documented = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text()
    stack = runs.deployment.stack
    for namespace, metric, _ in monitoring.dashboard_series(stack):
        assert namespace == stack or f"`{namespace}` | `{metric}`" in documented
