# SPDX-License-Identifier: Apache-2.0
"""The dashboard and the viewer's log lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3

from tests.e2e.expectations.same import same
from tests.e2e.expectations.tree import CLEAN_STEPS
from tests.e2e.runs import Series, metrics
from trace_viewer import Trace
from trace_viewer.rendering.terminal.log_lines import render_logs
from trace_viewer.xray.logs import Logs


def dashboard_series(stack: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Return namespace, name and dimensions of every series on a stack's dashboard."""
    cloudwatch = boto3.client("cloudwatch")
    resources = boto3.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
    (name,) = [
        resource["PhysicalResourceId"]
        for page in resources
        for resource in page["StackResourceSummaries"]
        if resource["ResourceType"] == "AWS::CloudWatch::Dashboard"
    ]
    body: dict[str, Any] = json.loads(cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"])
    for widget in body["widgets"]:
        for row in widget["properties"].get("metrics", []):
            words = [word for word in row if isinstance(word, str)]
            if len(words) >= 2:
                yield words[0], words[1], dict(zip(words[2::2], words[3::2], strict=True))


def dashboard_shows_what_exists(stack: str, failed_job: str) -> str:
    """Hold that each of our metrics on the dashboard exists, but for failures of jobs that did not fail."""
    shown = list(dashboard_series(stack))
    assert len(shown) > 40, f"the dashboard shows {len(shown)} series"
    ours: set[Series] = {(metric, frozenset(tags.items())) for space, metric, tags in shown if space == stack}
    missing = {
        series
        for series in ours - metrics(stack)
        if not (("status", "failed") in series[1] and ("job_name", failed_job) not in series[1])
    }
    same("series that nobody sent", missing, set())
    return f"{len(shown)} series, {len(ours)} of them ours"


def lines_are_below_their_spans(trace: Trace) -> str:
    """Hold that the viewer finds the log lines of a run and prints them below their spans."""
    logs = Logs()
    lines = logs.lines(trace)
    text = render_logs(trace, lines)
    same("problems", logs.problems, [])
    for step in CLEAN_STEPS:
        assert f"\nclean-job > {step}\n" in text, f"no line is below clean-job > {step}"
    assert text.index("clean-job > Read Data") < text.index("clean-job > Write Data"), "steps out of order"
    for line in ("Execution started.", "ExecutionSucceeded", "rows rejected reason="):
        assert line in text, f"no line says {line!r}"
    return f"{text.count(chr(10))} lines"
