# SPDX-License-Identifier: Apache-2.0
"""Logs, saved queries, metrics and dashboard of one good and one failing run."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from demo import pipeline
from stacks.queries import QUERIES
from tests.e2e import listings
from tests.e2e.conftest import Deployment
from tests.e2e.test_demo import CLEAN_STEPS, PROCESS_STEPS
from trace_viewer import fetch_trace
from trace_viewer.logs import Logs, render_logs

pytestmark = pytest.mark.e2e

CALLER = "manual__2026-11-21T00:00:00+00:00"  # an Airflow run id
STACK = "OtelSolutionStack"
# Series that a run without that event has not (docs/metrics.md): a failure, a stage long enough to be skewed.
ONLY_SOMETIMES = {("status", "failed"), ("name", "job.spark.skew")}


@dataclass(frozen=True)
class Runs:
    """A run that succeeded, and one whose file has the wrong columns."""

    deployment: Deployment
    good: pipeline.Execution
    bad: pipeline.Execution

    def groups(self) -> list[str]:
        pages = self.deployment.logs.get_paginator("describe_log_groups").paginate()
        names = [group["logGroupName"] for page in pages for group in page["logGroups"]]
        return [name for name in names if STACK in name]

    def query(self, name: str, **parameters: str) -> list[dict[str, str]]:
        """Run a saved query over every log group of the stack, as the console does.

        ministack knows ``like /pattern/`` and not ``like 'text'``: the text becomes the pattern that is it.
        """
        (saved,) = [query for query in QUERIES if query.name == name]
        assert {parameter for parameter, _ in saved.parameters} == set(parameters)
        text = saved.text
        for parameter, value in parameters.items():
            text = text.replace(f"{{{{{parameter}}}}}", value)
        text = re.sub(r"like '([^']*)'", lambda found: f"like /{re.escape(found[1])}/", text)
        now = int(time.time())
        started = self.deployment.logs.start_query(
            logGroupNames=self.groups(), startTime=now - 86_400, endTime=now + 60, queryString=text
        )
        answer = self.deployment.logs.get_query_results(queryId=started["queryId"])
        assert answer["status"] == "Complete"
        return [{cell["field"]: cell["value"] for cell in row} for row in answer["results"]]


@pytest.fixture(scope="module")
def runs(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    folder = tmp_path_factory.mktemp("logs")
    good = listings.write_listings(folder / "correlated.csv")
    bad = folder / "broken.csv"
    bad.write_text("id,colour\n1,red\n")
    arns = [_start(deployment, good, CALLER), _start(deployment, bad, None)]
    yield Runs(deployment, *[deployment.finish(arn) for arn in arns])


def _start(deployment: Deployment, path: Path, caller: str | None) -> str:
    key = f"input/{path.name}"
    metadata = {} if caller is None else {"correlation-id": caller}
    put = deployment.s3.put_object(
        Bucket=deployment.bucket, Key=key, Body=path.read_bytes(), Metadata=metadata
    )
    machine = deployment.outputs["StateMachineArn"]
    return pipeline.find_execution(deployment.sfn, machine, put["VersionId"], key)


def _run_id(execution: pipeline.Execution) -> str:
    return execution.arn.rpartition(":")[2]


def _json(rows: list[dict[str, str]]) -> list[dict[str, Any]]:
    return [json.loads(row["@message"]) for row in rows if row["@message"].startswith("{")]


def test_everything_of_one_run_is_found_in_each_log_group_that_has_it(runs: Runs) -> None:
    rows = runs.query("Everything of one run", run_id=_run_id(runs.good))
    found = {row["@log"].rpartition(":")[2] for row in rows}
    assert {
        kind
        for kind in ("clean-job/", "process-job/", "vendedlogs/states", "Ingestion")
        if any(kind in name for name in found)
    } == {"clean-job/", "process-job/", "vendedlogs/states", "Ingestion"}
    assert [row["@timestamp"] for row in rows] == sorted(row["@timestamp"] for row in rows)
    assert not [row for row in rows if _run_id(runs.bad) in row["@message"]]


def test_every_line_of_a_job_carries_the_ids_and_the_callers_one(runs: Runs) -> None:
    lines = _json(runs.query("One job of one run", job_name="clean-job", correlation_id=CALLER))
    assert {line["trace_id"] for line in lines} == {runs.good.trace_id}
    assert {line["run_id"] for line in lines} == {_run_id(runs.good)}
    assert {line["correlation_id"] for line in lines} == {CALLER}
    assert [line["step"] for line in lines if line["message"] == "Step over"] == CLEAN_STEPS
    process = _json(runs.query("One job of one run", job_name="process-job", correlation_id=CALLER))
    assert [line["step"] for line in process if line["message"] == "Step over"] == PROCESS_STEPS


def test_without_a_callers_id_the_trace_id_is_it(runs: Runs) -> None:
    lines = _json(
        runs.query("One job of one run", job_name="clean-job", correlation_id=runs.bad.trace_id or "-")
    )
    assert {line["correlation_id"] for line in lines} == {runs.bad.trace_id}


def test_the_errors_are_those_of_the_failed_run(runs: Runs) -> None:
    rows = runs.query("Errors")
    own = [row for row in rows if _run_id(runs.bad) in row["@message"]]
    assert not [row for row in rows if _run_id(runs.good) in row["@message"]]
    failed = [line for line in _json(own) if line.get("message") == "Step failed"]
    assert [line["step"] for line in failed] == ["Read Data"]
    assert failed[0]["error_type"] == "SchemaError"
    assert "ExecutionFailed" in [line.get("type") for line in _json(own)]


def test_rejected_rows_are_told_by_reason(runs: Runs) -> None:
    """ministack reads the filter and leaves ``stats`` out: the sums are made here."""
    rows = runs.query("Rejected rows")
    assert len([row for row in rows if row]) >= len(listings.REJECTED_BY_REASON)
    lines = [
        line
        for line in _json(runs.query("One job of one run", job_name="clean-job", correlation_id=CALLER))
        if line["message"] == "rows rejected"
    ]
    assert {line["reason"]: line["rows"] for line in lines} == listings.REJECTED_BY_REASON


def test_the_viewer_prints_the_lines_below_their_spans(runs: Runs) -> None:
    trace = fetch_trace(runs.good.trace_id or "")
    logs = Logs()
    text = render_logs(trace, logs.lines(trace))
    assert logs.problems == []
    for step in CLEAN_STEPS:
        assert f"\nclean-job > {step}\n" in text
    assert text.index("clean-job > Read Data") < text.index("clean-job > Write Data")
    assert "Execution started." in text
    assert "ExecutionSucceeded" in text
    assert "rows rejected reason=" in text


def _metrics() -> set[tuple[str, frozenset[tuple[str, str]]]]:
    pages = boto3.client("cloudwatch").get_paginator("list_metrics").paginate(Namespace=STACK)
    return {
        (metric["MetricName"], frozenset((d["Name"], d["Value"]) for d in metric["Dimensions"]))
        for page in pages
        for metric in page["Metrics"]
    }


def test_the_metrics_tell_the_same_numbers_as_the_rows(runs: Runs) -> None:
    assert runs.bad.status == "FAILED"
    cloudwatch = boto3.client("cloudwatch")

    def total(name: str, **tags: str) -> float:
        now = time.time()
        answer = cloudwatch.get_metric_statistics(
            Namespace=STACK,
            MetricName=name,
            Dimensions=[{"Name": k, "Value": v} for k, v in {"OTelLib": "xray_helper", **tags}.items()],
            StartTime=now - 7200,
            EndTime=now + 60,
            Period=86_400,
            Statistics=["Sum"],
        )
        return float(sum(point["Sum"] for point in answer["Datapoints"]))

    clean = {"job_name": "clean-job"}
    # Other tests of this deployment run the jobs too: whole multiples of what is known.
    assert total("job.rows", **clean, outcome="read") >= listings.ROWS_READ
    assert total("job.spans", **clean, outcome="dropped") == 0
    names = {name for name, tags in _metrics() if ("status", "failed") in tags}
    assert names == {"job.duration"}
    reasons = {dict(tags)["reason"] for name, tags in _metrics() if name == "job.rows.rejected"}
    assert reasons >= set(listings.REJECTED_BY_REASON)


def test_every_metric_of_the_dashboard_exists_or_is_aws_own(runs: Runs) -> None:
    cloudwatch = boto3.client("cloudwatch")
    (name,) = [entry["DashboardName"] for entry in cloudwatch.list_dashboards()["DashboardEntries"]]
    body = json.loads(cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"])
    documented = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text()
    known = _metrics()
    seen = 0
    for namespace, metric, tags in _shown(body):
        seen += 1
        if namespace == STACK:
            assert (metric, frozenset(tags.items())) in known or ONLY_SOMETIMES & {
                ("name", metric),
                *tags.items(),
            }
        else:
            assert f"`{namespace}` | `{metric}`" in documented
    assert seen > 40


def _shown(body: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Namespace, name and dimensions of every series; a row may begin with dots for "as above"."""
    for widget in body["widgets"]:
        for row in widget["properties"].get("metrics", []):
            words = [word for word in row if isinstance(word, str)]
            if len(words) >= 2:
                yield words[0], words[1], dict(zip(words[2::2], words[3::2], strict=True))
