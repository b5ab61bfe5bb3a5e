# SPDX-License-Identifier: Apache-2.0
"""What the spans of Spark's stages give to the job's metrics."""

from __future__ import annotations

from typing import Any
from unittest.mock import Mock, call

import pytest
from opentelemetry.sdk.trace import ReadableSpan

from xray_helper import Metrics
from xray_helper.metrics.self_metrics import measure_stages

ALONE = {"spark.stage.tasks": 1, "spark.stage.input.bytes": 7}
SKEWED = {"spark.stage.tasks": 8, "spark.stage.skew_time_ms": 2600}
SHORT = {"spark.stage.tasks": 8}  # too short for a look at its tasks


@pytest.mark.parametrize(
    ("stages", "skew_s"), [([ALONE], 0.0), ([ALONE, SKEWED], 2.6), ([SHORT, ALONE], 0.0)]
)
def test_the_worst_skew_counts_and_a_task_alone_has_none(stages: list[dict[str, Any]], skew_s: float) -> None:
    metrics = Mock(spec=Metrics)
    measure_stages(metrics, [ReadableSpan("Spark stage", attributes=stage) for stage in stages])
    assert metrics.record.mock_calls == [call("job.spark.skew", skew_s, unit="s")]


@pytest.mark.parametrize("stages", [[], [SHORT]])
def test_what_was_not_measured_is_not_sent_as_zero(stages: list[dict[str, Any]]) -> None:
    metrics = Mock(spec=Metrics)
    measure_stages(metrics, [ReadableSpan("Spark stage", attributes=stage) for stage in stages])
    assert metrics.record.mock_calls == []
