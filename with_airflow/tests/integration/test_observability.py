# SPDX-License-Identifier: Apache-2.0
"""Saved queries over all that a DAG run writes, and its row on the dashboard."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.stacks.conftest import Synthesized
from with_airflow.tests.integration.conftest import Both


def queries(template: Synthesized) -> dict[str, dict[str, Any]]:
    """Name without the stack's -> properties."""
    found = template.of_type("AWS::Logs::QueryDefinition").values()
    return {query["Name"].partition("/")[2]: query for query in found}


def test_the_queries_are_those_of_the_main_stack_and_one_for_a_task(deployed: Both) -> None:
    own, main = queries(deployed.airflow), queries(deployed.main)
    assert set(own) == {*main, "One task of one run"}
    for name in ("One job of one run", "Errors", "Rejected rows"):
        assert own[name]["QueryString"] == main[name]["QueryString"]
    for name, query in own.items():
        named = {parameter["Name"] for parameter in query.get("Parameters", [])}
        assert all(f"{{{{{parameter}}}}}" in query["QueryString"] for parameter in named), name


def test_each_query_looks_at_airflow_glue_and_emr(deployed: Both) -> None:
    outputs = deployed.main.template["Outputs"]
    for query in queries(deployed.airflow).values():
        groups = set()
        for reference in query["LogGroupNames"]:
            if "Ref" in reference:
                groups.add(reference["Ref"][:-8])
            elif "Fn::GetStackOutput" in reference:
                groups.add(outputs[reference["Fn::GetStackOutput"]["OutputName"]]["Value"]["Ref"][:-8])
        assert groups == {
            "AirflowDAGProcessingLogs",
            "AirflowSchedulerLogs",
            "AirflowTaskLogs",
            "AirflowWebServerLogs",
            "AirflowWorkerLogs",
            "CatalogLogs",
            "CleanJobError",
            "CleanJobOutput",
            "CollectorLogs",
            "ProcessJobError",
            "ProcessJobOutput",
            "ReportLogs",
        }


def test_a_run_is_found_in_lines_and_in_the_names_of_streams(stack: Synthesized) -> None:
    text = queries(stack)["Everything of one run"]["QueryString"]
    assert "@message like '{{run_id}}' or strcontains(@logStream, " in text
    assert (
        "concat('/run_id=', replace('{{run_id}}', ':', '_'), '/')" in text
    )  # whole: run_id=a is not run_id=ab


def test_a_task_is_found_by_one_text(stack: Synthesized) -> None:
    query = queries(stack)["One task of one run"]
    assert [parameter["Description"] for parameter in query["Parameters"]] == ["<dag>.<task> <run_id>"]


def widgets(template: Synthesized) -> list[dict[str, Any]]:
    body = template.only("AWS::CloudWatch::Dashboard")["DashboardBody"]
    text = (
        body
        if isinstance(body, str)
        else "".join(part if isinstance(part, str) else "x" for part in body["Fn::Join"][1])
    )
    return list(json.loads(text)["widgets"])


@pytest.fixture
def row(deployed: Both) -> dict[str, list[Any]]:
    """Title -> metrics of Airflow's graphs."""
    return {
        widget["properties"]["title"]: widget["properties"]["metrics"]
        for widget in widgets(deployed.main)
        if widget["properties"].get("title", "").startswith("Airflow: ")
    }


def test_dag_runs_are_on_the_dashboard_that_shows_the_jobs(row: dict[str, list[Any]]) -> None:
    searched = [metric[0]["expression"] for metric in row["Airflow: duration of a DAG run (ms)"]]
    assert searched == [
        'SEARCH(\'{AmazonMWAA,DAG,Environment} MetricName="DAGDurationSuccess" '
        "Environment=\"AirflowStack\"', 'Maximum', 300)",
        'SEARCH(\'{AmazonMWAA,DAG,Environment} MetricName="DAGDurationFailed" '
        "Environment=\"AirflowStack\"', 'Maximum', 300)",
        'SEARCH(\'Namespace="OtelSolutionStack" OTelLib="airflow.metrics.otel_logger" '
        "MetricName=\"airflow.dagrun.duration.success\"', 'Maximum', 300)",
        'SEARCH(\'Namespace="OtelSolutionStack" OTelLib="airflow.metrics.otel_logger" '
        "MetricName=\"airflow.dagrun.duration.failed\"', 'Maximum', 300)",
    ]


def test_beside_them_are_the_jobs_of_the_dag(row: dict[str, list[Any]]) -> None:
    jobs = row["Airflow: jobs behind the tasks (s)"]
    assert {metric[metric.index("job_name") + 1] for metric in jobs if "job_name" in metric} == {
        "clean-job",
        "process-job",
        "report-job",
    }


def test_without_airflow_the_dashboard_knows_nothing_of_it(default: Synthesized, deployed: Both) -> None:
    assert len(widgets(deployed.main)) == len(widgets(default)) + 3
