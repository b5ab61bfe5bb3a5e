# SPDX-License-Identifier: Apache-2.0
"""Spans that the collector's configuration leaves out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from local_cloud.xray.collector import span_filter

CONFIG = Path(__file__).parents[4] / "glue_tracing" / "collector" / "otel-agent-config.yaml"


def _span(service: str, scope: str) -> ReadableSpan:
    return ReadableSpan(
        "s", resource=Resource({"service.name": service}), instrumentation_scope=InstrumentationScope(scope)
    )


def _deployed(monkeypatch: pytest.MonkeyPatch, config: dict[str, Any]) -> None:
    monkeypatch.setattr(span_filter, "configuration", lambda host: config)


def test_of_airflow_the_runs_and_tasks_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    _deployed(monkeypatch, yaml.safe_load(CONFIG.read_text()))
    spans = [
        _span("Airflow", "dag"),
        _span("Airflow", "SchedulerJobRunner"),
        _span("Airflow", "task"),
        _span("clean-job", "xray_helper"),
    ]
    assert span_filter.kept(spans, "collector.otel.internal") == [spans[0], spans[2], spans[3]]


def test_without_a_name_nothing_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    _deployed(monkeypatch, yaml.safe_load(CONFIG.read_text()))
    assert len(span_filter.kept([_span("Airflow", "SchedulerJobRunner")], "")) == 1


def test_a_condition_that_is_not_understood_drops_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    condition = 'IsMatch(span.name, "a.*")'
    processors = {"filter": {"traces": {"span": [condition]}}}
    service = {"pipelines": {"traces": {"processors": ["filter"]}}}
    _deployed(monkeypatch, {"processors": processors, "service": service})
    assert len(span_filter.kept([_span("a", "b")], "host")) == 1
    assert condition in caplog.text
