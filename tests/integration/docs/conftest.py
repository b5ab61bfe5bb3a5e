# SPDX-License-Identifier: Apache-2.0
"""A local cloud with recent traces that the commands of the pages ask for."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from local_cloud import LocalCloud
from tests.integration.docs.blocks import ROOT
from tests.integration.docs.collecting import Receiver
from tests.integration.docs.programs import Programs, run_programs
from tests.integration.docs.shell import Shell

RECORDED = ROOT / "tests" / "unit" / "trace_viewer" / "data" / "pipeline.json"
# One trace for each filter on the pages.
FOUND_BY: list[dict[str, Any]] = [
    {"run_id": "november-3b560852291f3a39d7cfc39d"},
    {"rows_rejected": 481},
    {"dataset": "listings"},
    {"dataset": "november"},
]
NOW = int(time.time())  # once: the ids of the traces hold it
SPILLED = "clean/listings/run_id=…/_spans-….jsonl"


@pytest.fixture(scope="session")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    folder = tmp_path_factory.mktemp("docs")
    with pytest.MonkeyPatch.context() as patch, LocalCloud() as cloud:
        for name, value in cloud.environment.items():
            patch.setenv(name, value)
        for annotations in FOUND_BY:
            _put(_shifted(annotations))
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="bucket")
        s3.put_object(Bucket="bucket", Key=SPILLED, Body="\n".join(_shifted({})).encode())
        _deploy_job()
        _lay_out(folder)
        yield Shell(folder, cloud.environment)


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    with Receiver() as orders, Receiver() as functions:
        yield run_programs(tmp_path_factory.mktemp("programs"), orders, functions)
        orders.shutdown()
        functions.shutdown()


@pytest.fixture(scope="session")
def trace_id(shell: Shell) -> str:
    """A trace that is there."""
    return str(json.loads(_shifted({})[0])["trace_id"])


def _shifted(annotations: dict[str, Any]) -> list[str]:
    """The documents of a recorded trace as if it had just ended, under an id of its own."""
    documents = [json.loads(one["Document"]) for one in json.loads(RECORDED.read_text())["Segments"]]
    shift = NOW - max(one["end_time"] for one in documents)
    number = FOUND_BY.index(annotations) if annotations else 0
    trace_id = f"1-{NOW - 60:08x}-{number:024x}"
    for document in documents:
        document["trace_id"] = trace_id
        _shift(document, shift)
        if "job_name" in document.get("annotations", {}):
            document["annotations"] |= annotations
    return [json.dumps(document) for document in documents]


def _shift(document: dict[str, Any], seconds: float) -> None:
    document["start_time"] += seconds
    document["end_time"] += seconds
    for child in document.get("subsegments", []):
        _shift(child, seconds)


def _put(documents: list[str]) -> None:
    for document in documents:
        answer = boto3.client("xray").put_trace_segments(TraceSegmentDocuments=[document])
        assert answer["UnprocessedTraceSegments"] == []


def _deploy_job() -> None:
    """The job of docs/attach-a-job.md, in a role without rights."""
    boto3.client("s3").create_bucket(Bucket="code")
    boto3.client("s3").put_object(Bucket="code", Key="jobs/orders.py", Body="print(1)")
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}}]}
    boto3.client("iam").create_role(RoleName="orders-role", AssumeRolePolicyDocument=json.dumps(trust))
    command = {"Name": "glueetl", "ScriptLocation": "s3://code/jobs/orders.py", "PythonVersion": "3"}
    boto3.client("glue").create_job(
        Name="nightly-orders", Role="orders-role", Command=command, GlueVersion="5.1"
    )


def _lay_out(folder: Path) -> None:
    """What the pages take for given: a finished demo, and rejected rows that were copied."""
    demo, rejected = folder / "build" / "demo", folder / "rejected"
    demo.mkdir(parents=True)
    (demo / "trace.json").write_text(RECORDED.read_text())
    rejected.mkdir()
    (rejected / "part-0.json").write_text('{"_reason": "invalid_price"}\n')
