# SPDX-License-Identifier: Apache-2.0
"""A run that succeeds and one whose second job fails, and what can be asked about them."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from demo import pipeline
from local_cloud.control import ask
from tests.e2e import listings
from tests.e2e.conftest import Deployment

POLL_S = 0.5
CALLER = "manual__2026-11-21T00:00:00+00:00"  # an Airflow run id
AN_OPTION = "-h"  # of nearly every program; the trace id takes its place
STORY_READ = listings.ROWS_READ + len(listings.ALSO_REJECTED)
STORY_REJECTED = listings.REJECTED_BY_REASON | {"invalid_price": 1 + len(listings.ALSO_REJECTED)}
Series = tuple[str, frozenset[tuple[str, str]]]  # name of a metric, its tags


@dataclass(frozen=True)
class Runs:
    """Both runs side by side; ``before`` are the sums of all metrics before them."""

    deployment: Deployment
    good: pipeline.Execution
    failed: pipeline.Execution
    before: Mapping[Series, float]

    def query(self, name: str, **parameters: str) -> list[dict[str, str]]:
        """Run a saved query of the deployed stack, over its own log groups, as the console does."""
        saved = saved_queries(self.deployment)[name]
        assert {one["name"] for one in saved.get("parameters", [])} == set(parameters)
        text = saved["queryString"]
        for parameter, value in parameters.items():
            text = text.replace(f"{{{{{parameter}}}}}", value)
        logs, now = self.deployment.logs, int(time.time())
        started = logs.start_query(
            logGroupNames=saved["logGroupNames"], startTime=now - 86_400, endTime=now + 60, queryString=text
        )
        answer = logs.get_query_results(queryId=started["queryId"])
        while answer["status"] in ("Scheduled", "Running"):  # never in the local cloud
            time.sleep(POLL_S)
            answer = logs.get_query_results(queryId=started["queryId"])
        assert answer["status"] == "Complete", f"the query {name!r} ended {answer['status']}"
        return [{cell["field"]: cell["value"] for cell in row} for row in answer["results"]]

    def since(self, name: str, **tags: str) -> float:
        """How much a metric grew by both runs."""
        key = (name, frozenset({"OTelLib": "xray_helper", **tags}.items()))
        sums = metric_sums(self.deployment.stack)
        assert key in sums, f"there is no metric {name} with {tags}"
        return sums[key] - self.before.get(key, 0.0)


def saved_queries(deployment: Deployment) -> dict[str, dict[str, Any]]:
    """The saved queries of the stack by their name below it."""
    answer = deployment.logs.describe_query_definitions(queryDefinitionNamePrefix=f"{deployment.stack}/")
    return {one["name"].removeprefix(f"{deployment.stack}/"): one for one in answer["queryDefinitions"]}


def metrics(namespace: str) -> set[Series]:
    """Every metric in a namespace, which is a stack's name."""
    pages = boto3.client("cloudwatch").get_paginator("list_metrics").paginate(Namespace=namespace)
    return {
        (metric["MetricName"], frozenset((one["Name"], one["Value"]) for one in metric["Dimensions"]))
        for page in pages
        for metric in page["Metrics"]
    }


def metric_sums(namespace: str) -> dict[Series, float]:
    """The sum of every metric in a namespace."""
    cloudwatch, now = boto3.client("cloudwatch"), time.time()
    sums = {}
    for name, tags in metrics(namespace):
        answer = cloudwatch.get_metric_statistics(
            Namespace=namespace,
            MetricName=name,
            Dimensions=[{"Name": key, "Value": value} for key, value in tags],
            StartTime=now - 7200,
            EndTime=now + 60,
            Period=86_400,
            Statistics=["Sum"],
        )
        sums[name, tags] = float(sum(point["Sum"] for point in answer["Datapoints"]))
    return sums


def start_both(deployment: Deployment, folder: Path) -> Runs:
    """Run both. The failing one's second job may not write, as with a wrong bucket policy.

    The good one has its extension in upper case, the failing one a caller's id that is an option.
    """
    before = metric_sums(deployment.stack)
    good = listings.write_listings(folder / "correlated.CSV")
    story = listings.write_listings(folder / "story.csv", listings.ALSO_REJECTED)
    refusal = {
        "service": "s3", "operation": f"PUT /{deployment.bucket}/processed/story/",
        "code": "AccessDenied", "status": 403, "message": "Access Denied",
    }  # fmt: skip
    faults("POST", refusal)
    try:
        good_arn, story_arn = start(deployment, good, CALLER), start(deployment, story, AN_OPTION)
        return Runs(deployment, deployment.finish(good_arn), deployment.finish(story_arn), before)
    finally:
        faults("DELETE")


def start(deployment: Deployment, path: Path, caller: str | None) -> str:
    """Upload a file, with its caller's id where it has one; the ARN of the execution that it starts."""
    key = f"input/{path.name}"
    metadata = {} if caller is None else {"correlation-id": caller}
    put = deployment.s3.put_object(
        Bucket=deployment.bucket, Key=key, Body=path.read_bytes(), Metadata=metadata
    )
    machine = deployment.outputs["StateMachineArn"]
    return pipeline.find_execution(deployment.sfn, machine, put["VersionId"], key)


def faults(method: str, fault: dict[str, Any] | None = None) -> None:
    """Switch a fault of the local cloud on, or all of them off."""
    ask("/_local_cloud/faults", fault, method=method)


def json_lines(rows: list[dict[str, str]]) -> list[dict[str, Any]]:
    """The messages of a query's rows that are JSON."""
    return [json.loads(row["@message"]) for row in rows if row["@message"].startswith("{")]
