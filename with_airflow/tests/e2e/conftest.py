# SPDX-License-Identifier: Apache-2.0
"""Both stacks in one local cloud, and one run of the DAG for each question."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from demo import cdk, pipeline, trace
from local_cloud import LocalCloud
from tests.e2e import listings
from tests.e2e.documents import TraceDocuments
from with_airflow.demo import dag_run, emr
from with_airflow.demo.api import Airflow
from with_airflow.demo.run import CONTEXT, DAG, STACKS
from with_airflow.stacks.queries import AIRFLOW_QUERIES


@dataclass(frozen=True)
class Deployment:
    """The deployed stacks, and clients of the cloud that they stand in."""

    outputs: dict[str, str]
    airflow: Airflow
    s3: Any
    logs: Any

    @property
    def bucket(self) -> str:
        return self.outputs["BucketName"]

    def run(self, path: Path, dag_id: str = DAG) -> Run:
        """Upload a file and run the DAG over it, to its end."""
        pipeline.upload(self.s3, path, self.bucket)
        return self.trigger(dag_id, {"key": f"input/{path.name}"})

    def trigger(self, dag_id: str, conf: dict[str, Any]) -> Run:
        self.airflow.wait_for(dag_id)
        run_id = self.airflow.trigger(dag_id, conf)
        ended = dag_run.follow(self.airflow, dag_id, run_id, lambda change: None)
        return Run(self, dag_id, run_id, ended.state, ended.tasks)

    def query(self, name: str, **parameters: str) -> list[dict[str, str]]:
        """Run a saved query of the Airflow stack over all its log groups, as the console does."""
        (saved,) = [query for query in AIRFLOW_QUERIES if query.name == name]
        assert {parameter for parameter, _ in saved.parameters} == set(parameters)
        text = saved.text
        for parameter, value in parameters.items():
            text = text.replace(f"{{{{{parameter}}}}}", value)
        return self.insights(text)

    def insights(self, text: str) -> list[dict[str, str]]:
        now = int(time.time())
        started = self.logs.start_query(
            logGroupNames=self.groups(), startTime=now - 86_400, endTime=now + 60, queryString=text
        )
        answer = self.logs.get_query_results(queryId=started["queryId"])
        assert answer["status"] == "Complete"
        return [{cell["field"]: cell["value"] for cell in row} for row in answer["results"]]

    def groups(self) -> list[str]:
        pages = self.logs.get_paginator("describe_log_groups").paginate()
        names = [group["logGroupName"] for page in pages for group in page["logGroups"]]
        return [name for name in names if any(stack in name for stack in STACKS)]

    def lines(self) -> Iterator[Line]:
        """Every line of every log group, read stream by stream, without a query."""
        for group in self.groups():
            pages = self.logs.get_paginator("describe_log_streams").paginate(logGroupName=group)
            for stream in (stream["logStreamName"] for page in pages for stream in page["logStreams"]):
                found = self.logs.get_log_events(
                    logGroupName=group, logStreamName=stream, startFromHead=True, limit=10_000
                )
                for event in found["events"]:
                    yield Line(group, stream, event["message"])


@dataclass(frozen=True)
class Line:
    """One line of a log."""

    group: str
    stream: str
    message: str


@dataclass(frozen=True)
class Run:
    """A DAG run that has ended."""

    deployment: Deployment
    dag_id: str
    run_id: str
    state: str
    tasks: dict[str, str]

    def trace(self, task: str) -> TraceDocuments:
        """The trace of the run, found by the job that this task has started."""
        trace_id = dag_run.find_trace(boto3.client("xray"), f"{self.dag_id}.{task} {self.run_id}")
        return TraceDocuments(trace.fetch_complete(trace_id, trace.is_connected).to_json())

    def log(self, task: str) -> str:
        """What Airflow shows of the task's last try."""
        return "\n".join(self.deployment.airflow.log(self.dag_id, self.run_id, task))

    @property
    def in_streams(self) -> str:
        """The run as MWAA has it in the names of log streams."""
        return f"/run_id={re.sub(':', '_', self.run_id)}/"


@pytest.fixture(scope="package")  # not longer: while it stands, its cloud is in the environment of every test
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    build = tmp_path_factory.mktemp("build")
    with (
        pytest.MonkeyPatch.context() as patch,
        LocalCloud(log_path=build / "cloud.log", parts=["with_airflow.local"]) as cloud,
    ):
        for name, value in cloud.environment.items():
            patch.setenv(name, value)
        application = cdk.Application(output=build, assembly=build / "cdk.out", context=CONTEXT)
        session = boto3.Session()
        application.prepare(cdk.environment_name(session.client("sts")), lambda line: None)
        outputs = application.deploy(lambda line: None)
        merged = {**outputs[STACKS[0]], **outputs[STACKS[1]]}
        airflow = Airflow(session.client("mwaa"), merged["EnvironmentName"])
        yield Deployment(merged, airflow, session.client("s3"), session.client("logs"))
        client = session.client("emr-serverless")
        emr.stop_applications(client, [found["id"] for found in client.list_applications()["applications"]])
        application.destroy(lambda line: None)


@pytest.fixture(scope="package")
def good(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run over a file whose rows were counted by hand."""
    return deployment.run(listings.write_listings(tmp_path_factory.mktemp("good") / "small.csv"))


@pytest.fixture(scope="package")
def bad(deployment: Deployment, good: Run, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run over a file with the wrong columns."""
    path = tmp_path_factory.mktemp("bad") / "broken.csv"
    path.write_text("id,colour\n1,red\n")
    return deployment.run(path)
