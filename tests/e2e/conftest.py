# SPDX-License-Identifier: Apache-2.0
"""One deployment into one local cloud for all tests that only need a running pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from demo import cdk, pipeline
from local_cloud import LocalCloud
from tests.e2e.documents import TraceDocuments
from trace_viewer import fetch_trace

if TYPE_CHECKING:
    from tests.e2e.runs import Runs


@dataclass(frozen=True)
class Deployment:
    """The deployed stack and the clients of the cloud that it stands in."""

    outputs: dict[str, str]
    s3: Any
    sfn: Any
    logs: Any
    awslambda: Any
    stack: str = cdk.STACK

    @property
    def bucket(self) -> str:
        return self.outputs["BucketName"]

    def start(self, path: Path) -> str:
        """Upload a file; the ARN of the execution that it starts."""
        version = pipeline.upload(self.s3, path, self.bucket)
        return pipeline.find_execution(
            self.sfn, self.outputs["StateMachineArn"], version, f"input/{path.name}"
        )

    def put(self, key: str, body: bytes) -> str:
        """Put an object; the ARN of the execution that it starts."""
        version = self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)["VersionId"]
        return pipeline.find_execution(self.sfn, self.outputs["StateMachineArn"], version, key)

    def finish(self, arn: str) -> pipeline.Execution:
        return pipeline.follow(self.sfn, arn, lambda state: None)

    def trace(self, execution: pipeline.Execution) -> TraceDocuments:
        return TraceDocuments(fetch_trace(execution.trace_id).to_json())

    def keys(self, prefix: str) -> list[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [item["Key"] for page in pages for item in page.get("Contents", [])]


def deploy(cloud: LocalCloud, build: Path, patch: pytest.MonkeyPatch, **context: str) -> Deployment:
    """Deploy into a cloud; while ``patch`` lasts, this process calls that cloud.

    What is deployed ends with the cloud. The demonstration and ``make verify`` destroy, and look at the rest.
    """
    for name, value in cloud.environment.items():
        patch.setenv(name, value)
    application = cdk.Application(output=build, assembly=build / "cdk.out", context=context)
    session = boto3.Session()
    application.prepare(cdk.environment_name(session.client("sts")), lambda line: None)
    outputs = application.deploy(lambda line: None)[cdk.STACK]
    clients = (session.client(name) for name in ("s3", "stepfunctions", "logs", "lambda"))
    return Deployment(outputs, *clients)


@pytest.fixture(scope="package")  # not longer: while it stands, its cloud is in the environment of every test
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with pytest.MonkeyPatch.context() as patch, LocalCloud() as cloud:
        yield deploy(cloud, tmp_path_factory.mktemp("build"), patch)


@pytest.fixture(scope="package")
def runs(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """A run that succeeds and one that fails, for all tests that only look at what they left."""
    from tests.e2e.runs import start_both

    return start_both(deployment, tmp_path_factory.mktemp("runs"))
