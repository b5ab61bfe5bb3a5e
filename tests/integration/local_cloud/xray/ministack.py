# SPDX-License-Identifier: Apache-2.0
"""A handle on a running ministack with X-Ray."""

from __future__ import annotations

import io
import json
import urllib.request
import zipfile
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from tests.unit.local_cloud.xray.support import eventually

_ROLE = "arn:aws:iam::000000000000:role/any"


@dataclass(frozen=True, kw_only=True)
class Ministack:
    """A running ministack."""

    endpoint: str
    collector: str

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )

    def control(self, **settings: Any) -> dict[str, Any]:
        body = json.dumps(settings).encode() if settings else None
        request = urllib.request.Request(f"{self.endpoint}/_local_cloud/xray", data=body)  # noqa: S310
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
            state: dict[str, Any] = json.load(response)
            return state

    def create_function(self, name: str, source: str, *, tracing: str = "Active", timeout: int = 10) -> str:
        """Create a function from the source of its module, and return its ARN."""
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("index.py", source)
        created: dict[str, str] = self.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.11",
            Handler="index.handler",
            Role=_ROLE,
            Code={"ZipFile": code.getvalue()},
            TracingConfig={"Mode": tracing},
            Timeout=timeout,
        )
        return created["FunctionArn"]

    def create_state_machine(self, name: str, definition: dict[str, Any], *, tracing: bool = True) -> str:
        created: dict[str, str] = self.client("stepfunctions").create_state_machine(
            name=name,
            definition=json.dumps(definition),
            roleArn=_ROLE,
            tracingConfiguration={"enabled": tracing},
        )
        return created["stateMachineArn"]

    def run(self, machine: str, **arguments: Any) -> dict[str, Any]:
        """Run an execution to its end and describe it."""
        client = self.client("stepfunctions")
        arn = client.start_execution(stateMachineArn=machine, **arguments)["executionArn"]

        def ended() -> Any:
            execution = client.describe_execution(executionArn=arn)
            return execution if execution["status"] != "RUNNING" else None

        execution: dict[str, Any] = eventually(ended)
        return execution

    def documents(self, trace_id: str) -> list[dict[str, Any]]:
        """Return the segments of a trace as BatchGetTraces shows them."""
        traces = self.client("xray").batch_get_traces(TraceIds=[trace_id])["Traces"]
        return [json.loads(segment["Document"]) for trace in traces for segment in trace["Segments"]]

    def complete(self, trace_id: str, origin: str, *, count: int = 1) -> list[dict[str, Any]]:
        """Wait until the segments of an origin are complete, and return the whole trace."""

        def read() -> Any:
            documents = self.documents(trace_id)
            ended = [d for d in documents if d.get("origin") == origin and "in_progress" not in d]
            return documents if len(ended) == count else None

        documents: list[dict[str, Any]] = eventually(read)
        return documents
