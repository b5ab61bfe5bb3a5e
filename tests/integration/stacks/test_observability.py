# SPDX-License-Identifier: Apache-2.0
"""Queries, alarms, dashboard, and the switches of the three kinds of telemetry."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stacks.dashboard import worker_price
from stacks.settings import GLUE_VERSIONS, WORKER_TYPES
from tests.integration.stacks.conftest import Synthesized
from trace_viewer.model.prices import REGIONS, WORKERS, spark_of

GRAFANA = Path(__file__).parents[3] / "docs" / "grafana" / "dashboard.json"
ALARMS = ["FailedRuns", "LostUploads", "CollectorDown", "RejectedRows", "DroppedSpans"]
ALARMS += ["SlowCleanJob", "SlowProcessJob"]


@pytest.fixture(scope="session")
def quiet(synth: Callable[..., Synthesized]) -> Synthesized:
    """Everything off."""
    return synth(traces="disabled", metrics="disabled", log_correlation="disabled")


def alarms(template: Synthesized) -> dict[str, dict[str, Any]]:
    """Name in the code -> properties."""
    return {
        id_.removeprefix("ObservabilityAlarms")[:-8]: properties
        for id_, properties in template.of_type("AWS::CloudWatch::Alarm").items()
    }


def test_every_alarm_tells_the_topic_and_says_where_to_look(default: Synthesized) -> None:
    (topic,) = default.of_type("AWS::SNS::Topic")
    assert sorted(alarms(default)) == sorted(ALARMS)
    for properties in alarms(default).values():
        assert properties["AlarmActions"] == [{"Ref": topic}]
        assert "#xray:traces/query" in json.dumps(properties["AlarmDescription"])


def test_the_alarms_of_slow_runs_name_the_command_that_says_why(default: Synthesized) -> None:
    for id_, job in (("SlowCleanJob", "clean-job"), ("SlowProcessJob", "process-job")):
        text = json.dumps(alarms(default)[id_]["AlarmDescription"])
        assert f"`glue-xray runs --job {job}`" in text and "view --trace-id ID --usual" in text


def test_the_alarms_bill_thirteen_metrics(default: Synthesized) -> None:
    """0.10 USD a month each; an anomaly alarm counts three."""
    bill = 0
    for properties in alarms(default).values():
        metrics = [entry for entry in properties.get("Metrics", []) if "MetricStat" in entry]
        bill += 3 if "ThresholdMetricId" in properties else len(metrics) or 1
    assert bill == 13


def test_the_collector_counts_as_down_when_it_says_nothing(default: Synthesized) -> None:
    found = alarms(default)
    assert found["CollectorDown"]["TreatMissingData"] == "breaching"
    others = {properties["TreatMissingData"] for name, properties in found.items() if name != "CollectorDown"}
    assert others == {"notBreaching"}


def test_the_limit_of_rejected_rows_is_a_choice(synth: Callable[..., Synthesized]) -> None:
    changed = alarms(synth(alarm_rejected_percent="5", alarm_email="on-call@example.com"))["RejectedRows"]
    assert changed["Threshold"] == 5
    assert "More than 5 %" in json.dumps(changed["AlarmDescription"])


def test_the_topic_is_encrypted_and_takes_tls_only(default: Synthesized) -> None:
    topic = default.only("AWS::SNS::Topic")
    (key,) = default.of_type("AWS::KMS::Key")
    assert topic["KmsMasterKeyId"] == {"Fn::GetAtt": [key, "Arn"]}
    statements = default.only("AWS::SNS::TopicPolicy")["PolicyDocument"]["Statement"]
    assert [s["Condition"] for s in statements if s["Effect"] == "Deny"] == [
        {"Bool": {"aws:SecureTransport": "false"}}
    ]
    granted = [s for s in default.of_type("AWS::KMS::Key")[key]["KeyPolicy"]["Statement"] if "Sid" in s]
    (alarms,) = [s for s in granted if s["Sid"] == "MessagesOfAlarms"]
    assert alarms["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert alarms["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}


def test_a_failed_run_is_told_with_its_name_its_cause_and_its_trace(default: Synthesized) -> None:
    rule = default.only("AWS::Events::Rule")
    assert rule["EventPattern"]["detail"]["status"] == ["FAILED", "TIMED_OUT", "ABORTED"]
    transformer = rule["Targets"][0]["InputTransformer"]
    assert set(transformer["InputPathsMap"].values()) == {
        "$.detail.name",
        "$.detail.status",
        "$.detail.cause",
    }
    assert "annotation.run_id" in json.dumps(transformer["InputTemplate"])


def test_nobody_is_subscribed_unless_named(default: Synthesized, synth: Callable[..., Synthesized]) -> None:
    assert default.of_type("AWS::SNS::Subscription") == {}
    subscription = synth(alarm_email="on-call@example.com").only("AWS::SNS::Subscription")
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "on-call@example.com")


def test_each_query_looks_at_every_log_group_of_runs(default: Synthesized) -> None:
    queries = default.of_type("AWS::Logs::QueryDefinition")
    assert {query["Name"] for query in queries.values()} == {
        "OtelSolutionStack/Everything of one run",
        "OtelSolutionStack/One job of one run",
        "OtelSolutionStack/Errors",
        "OtelSolutionStack/Rejected rows",
    }
    # All groups, but for those of the metrics and of the custom resources, which know no run.
    groups = {
        id_
        for id_ in default.of_type("AWS::Logs::LogGroup")
        if not any(part in id_ for part in ("Metrics", "Emptying", "CustomResources"))
    }
    for query in queries.values():
        assert {group["Ref"] for group in query["LogGroupNames"]} == groups


def test_parameters_are_those_of_the_text(default: Synthesized) -> None:
    for query in default.of_type("AWS::Logs::QueryDefinition").values():
        named = {parameter["Name"] for parameter in query.get("Parameters", [])}
        assert named == {
            name
            for name in ("run_id", "job_name", "correlation_id")
            if f"{{{{{name}}}}}" in query["QueryString"]
        }


def test_the_collector_writes_metrics_into_its_own_group(default: Synthesized) -> None:
    (container,) = default.only("AWS::ECS::TaskDefinition")["ContainerDefinitions"]
    variables = {pair["Name"]: pair["Value"] for pair in container["Environment"]}
    assert variables["METRICS_NAMESPACE"] == "OtelSolutionStack"
    assert variables["METRICS_LOG_GROUP"]["Ref"].startswith("CollectorMetrics")


def arguments(template: Synthesized) -> list[dict[str, Any]]:
    return [job["NonOverridableArguments"] for job in template.of_type("AWS::Glue::Job").values()]


def test_each_kind_of_telemetry_is_switched_by_one_value(default: Synthesized, quiet: Synthesized) -> None:
    for template, expected in ((default, "on"), (quiet, "off")):
        for given in arguments(template):
            assert (given["--traces"], given["--metrics"], given["--log_correlation"]) == (expected,) * 3
            assert given["--metrics_run_id"] == "off"
        function = template.only("AWS::Lambda::Function", "IngestionFunction")
        assert function["Environment"]["Variables"]["LOG_CORRELATION"] == expected
    assert function["Environment"]["Variables"]["TRACE_SAMPLING_RATE"] == "0.0"
    assert function["TracingConfig"] == {"Mode": "PassThrough"}


def test_the_dashboard_prices_the_workers_of_the_jobs(
    default: Synthesized, synth: Callable[..., Synthesized]
) -> None:
    """By hand: 2 x 1 DPU x 0.44; 3 x 2 M-DPU x 0.52, and 30 % less on Glue 6.0: 2.184."""
    with_memory = synth(glue_version="6.0", glue_worker_type="R.2X", glue_number_of_workers="3")
    for template, usd in ((default, "0.88"), (with_memory, "2.184")):
        body = json.dumps(template.only("AWS::CloudWatch::Dashboard")["DashboardBody"])
        assert f"/ 3600 * {usd}\\" in body


@pytest.mark.parametrize("glue_version", GLUE_VERSIONS)
@pytest.mark.parametrize("worker_type", WORKER_TYPES)
def test_dashboard_and_viewer_know_the_same_prices(worker_type: str, glue_version: str) -> None:
    worker = WORKERS[worker_type]
    of_a_unit = REGIONS["us-east-1"].per_hour(
        is_memory_optimized=worker.is_memory_optimized, is_flex=False, spark_version=spark_of(glue_version)
    )
    assert worker_price(worker_type, glue_version) == pytest.approx(worker.dpu * of_a_unit)


def test_without_metrics_nothing_looks_at_them(quiet: Synthesized) -> None:
    assert sorted(alarms(quiet)) == ["CollectorDown", "FailedRuns", "LostUploads"]
    assert "job.rows" not in json.dumps(quiet.only("AWS::CloudWatch::Dashboard"))


def test_a_job_names_its_log_groups_to_the_trace(default: Synthesized) -> None:
    for given in arguments(default):
        (comma, parts) = given["--log_groups"]["Fn::Join"]
        assert comma == ""
        assert [part["Ref"][-13:-8] for part in parts if isinstance(part, dict)] == ["Error", "utput"]


def test_a_wrong_address_is_refused(synth: Callable[..., Synthesized]) -> None:
    with pytest.raises(ValueError, match="alarm_email=nobody is no e-mail address; give one, or none"):
        synth(alarm_email="nobody")


def test_grafana_has_the_same_panels(default: Synthesized) -> None:
    parts = default.only("AWS::CloudWatch::Dashboard")["DashboardBody"]["Fn::Join"][1]
    body = json.loads("".join(part if isinstance(part, str) else "-" for part in parts))
    panels = json.loads(GRAFANA.read_text())["panels"]
    assert [panel["title"] for panel in panels] == [w["properties"]["title"] for w in body["widgets"]]
