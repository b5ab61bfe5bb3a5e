# SPDX-License-Identifier: Apache-2.0
"""The viewer finds the log lines of a run and shows them below their spans."""

from __future__ import annotations

import pytest

from tests.e2e.expectations import monitoring
from tests.e2e.runs import Runs
from trace_viewer import fetch_trace

pytestmark = pytest.mark.e2e


def test_the_viewer_prints_the_lines_below_their_spans(runs: Runs) -> None:
    monitoring.lines_are_below_their_spans(fetch_trace(runs.good.trace_id))
