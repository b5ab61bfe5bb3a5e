# SPDX-License-Identifier: Apache-2.0
"""Metrics in log lines: what CloudWatch makes of them, by its specification."""

from __future__ import annotations

import json

import pytest

from local_cloud.services.logs.embedded_metrics import metric_data


def test_each_set_of_dimensions_is_a_metric_of_its_own() -> None:
    directive = {
        "Namespace": "Stack",
        "Dimensions": [["job"], ["job", "step"]],
        "Metrics": [{"Name": "rows", "Unit": ""}, {"Name": "time", "Unit": "Seconds"}],
    }
    line = {
        "_aws": {"Timestamp": 1_700_000_000_500, "CloudWatchMetrics": [directive]},
        "job": "load",
        "step": "Read Data",
        "rows": 3,
        "time": {"Max": 2, "Min": 1, "Count": 2, "Sum": 3},
    }
    (one, coarse), (two, fine) = metric_data(json.dumps(line))
    assert one == two == "Stack"
    job, step = {"Name": "job", "Value": "load"}, {"Name": "step", "Value": "Read Data"}
    assert [metric["Dimensions"] for metric in coarse] == [[job], [job]]
    assert fine == [
        {
            "MetricName": "rows",
            "Dimensions": [job, step],
            "Timestamp": 1_700_000_000.5,
            "Unit": "None",
            "Value": 3.0,
        },
        {
            "MetricName": "time",
            "Dimensions": [job, step],
            "Timestamp": 1_700_000_000.5,
            "Unit": "Seconds",
            "StatisticValues": {"Maximum": 2.0, "Minimum": 1.0, "SampleCount": 2.0, "Sum": 3.0},
        },
    ]


@pytest.mark.parametrize("line", ["plain text", "[1, 2]", '"text"', '{"level": "info"}', '{"_aws": {}}'])
def test_every_other_line_is_none(line: str) -> None:
    assert list(metric_data(line)) == []
