# SPDX-License-Identifier: Apache-2.0
"""The viewer finds the log lines of a run and shows them below their spans."""

from __future__ import annotations

import pytest

from tests.e2e.runs import Runs
from tests.e2e.test_demo import CLEAN_STEPS
from trace_viewer import fetch_trace
from trace_viewer.rendering.terminal.log_lines import render_logs
from trace_viewer.xray.logs import Logs

pytestmark = pytest.mark.e2e


def test_the_viewer_prints_the_lines_below_their_spans(runs: Runs) -> None:
    trace = fetch_trace(runs.good.trace_id)
    logs = Logs()
    text = render_logs(trace, logs.lines(trace))
    assert logs.problems == []
    for step in CLEAN_STEPS:
        assert f"\nclean-job > {step}\n" in text
    assert text.index("clean-job > Read Data") < text.index("clean-job > Write Data")
    assert "Execution started." in text
    assert "ExecutionSucceeded" in text
    assert "rows rejected reason=" in text
