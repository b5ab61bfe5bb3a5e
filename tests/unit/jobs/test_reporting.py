# SPDX-License-Identifier: Apache-2.0
"""What became of rows and dates, as metrics and log lines."""

from __future__ import annotations

import pytest

from transforms.outcome import Outcome
from transforms.reporting import report_outcome
from xray_helper import traced_job


def test_each_reason_is_a_metric_and_a_log_line(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    counted: dict[str, float] = {}
    outcome = Outcome(clean=5, rejected={"invalid_price": 2}, replaced={"unreadable": 2, "missing": 1})
    with traced_job("clean job", argv=[]) as job:
        monkeypatch.setattr(
            job.metrics,
            "count",
            lambda name, value, **tags: counted.update({f"{name} {[*tags.values()]}": value}),
        )
        report_outcome(job, outcome)
    assert counted["job.dates.replaced ['unreadable']"] == 2
    assert counted["job.dates.replaced ['missing']"] == 1
    assert counted["job.rows.rejected ['invalid_price']"] == 2
    assert caplog.messages == [
        "rows rejected reason=invalid_price rows=2",
        "dates replaced reason=unreadable rows=2",
        "dates replaced reason=missing rows=1",
    ]
