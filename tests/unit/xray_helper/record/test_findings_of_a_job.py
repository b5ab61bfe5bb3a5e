# SPDX-License-Identifier: Apache-2.0
"""What a job says of itself when it ends: its worst finding, and nothing when it is well."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan

import xray_helper.session
from xray_helper import traced_job

ROWS = {"rows_read": 100, "rows_clean": 60, "rows_rejected": 40}
NS_PER_S = 10**9


def test_the_worst_kind_can_be_searched_for(exported: list[ReadableSpan]) -> None:
    with traced_job("clean", argv=["--traces", "on"]) as job:
        job.annotate(**ROWS)
        stage = {"spark.stage.tasks": 8, "spark.stage.disk.spilled_bytes": 2**30}
        with job.step("Merge") as step:
            job.add_span(
                "Spark stage 4",
                parent=step,
                start_time_ns=NS_PER_S,
                end_time_ns=3 * NS_PER_S,
                attributes=stage,
            )
    (root,) = (span for span in exported if span.name == "clean")
    attributes = root.attributes or {}

    assert attributes["finding"] == "rejected_rows"
    assert attributes["finding.title"] == "40 % of the rows were rejected: 40 of 100"
    assert attributes["findings"] == 2
    assert "finding" in attributes["aws.xray.annotations"]  # type: ignore[operator]


def test_a_healthy_job_says_nothing(exported: list[ReadableSpan]) -> None:
    with traced_job("clean", argv=["--traces", "on"]) as job:
        job.annotate(rows_read=100, rows_clean=90, rows_rejected=10)
    (root,) = exported

    assert not [name for name in root.attributes or {} if name.startswith("finding")]


def test_a_rule_that_fails_is_no_failure_of_the_job(
    exported: list[ReadableSpan], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("a rule")

    monkeypatch.setattr(xray_helper.session, "describe_findings", fail)
    with traced_job("clean", argv=["--traces", "on"]) as job:
        job.annotate(**ROWS)
    (root,) = exported

    assert (root.attributes or {})["xray.telemetry.faults"] == 1
    assert "finding" not in (root.attributes or {})
