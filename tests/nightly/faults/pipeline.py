# SPDX-License-Identifier: Apache-2.0
"""Runs of the pipeline: start them, wait for them, look at what they left in S3."""

from __future__ import annotations

import io
import json
import time
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote_plus

import pyarrow.parquet as pq

from tests.e2e import listings
from tests.e2e.documents import TraceDocuments
from tests.nightly.faults.table import Unmet, expect
from tests.nightly.faults.world import World
from trace_viewer import TraceNotFoundError, fetch_trace

START_TIMEOUT_S = 120
RUN_TIMEOUT_S = 900  # with the queue for the two cores
TRACE_TIMEOUT_S = 20
POLL_S = 0.5


class Rows(NamedTuple):
    """Rows found in the files of a run, hidden ones (``_temporary``) not among them."""

    clean: int
    rejected: int
    processed: int


@dataclass(frozen=True)
class Run:
    """An execution, ended or not."""

    arn: str
    status: str
    cause: str
    given: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.arn.rsplit(":", 1)[1]

    @property
    def trace_id(self) -> str:
        header: str = self.given["trace_header"]
        return dict(part.split("=", 1) for part in header.split(";"))["Root"]

    def folder(self, kind: str) -> tuple[str, str]:
        """Bucket and prefix of ``clean``, ``rejected`` or ``processed``."""
        bucket, _, prefix = self.given[f"{kind}_uri"].removeprefix("s3://").partition("/")
        return bucket, prefix


def standard_file(world: World, name: str) -> bytes:
    """The data set whose outcome is known by hand, see ``tests.e2e.listings``."""
    return listings.write_listings(world.work("files") / f"{name}.csv").read_bytes()


def event(bucket: str, key: str, version: str | None, *, sequencer: str) -> dict[str, Any]:
    """One record, as S3 sends it."""
    item = {"key": quote_plus(key, safe="/"), "size": 1, "eTag": "e" * 32, "sequencer": sequencer}
    return {
        "eventVersion": "2.6", "eventSource": "aws:s3", "awsRegion": "us-east-1",
        "eventTime": "2026-03-01T12:00:00.000Z", "eventName": "ObjectCreated:Put",
        "s3": {
            "s3SchemaVersion": "1.0", "configurationId": "faults",
            "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"},
            "object": item | ({"versionId": version} if version else {}),
        },
    }  # fmt: skip


def upload(world: World, key: str, body: bytes, *, bucket: str | None = None) -> str:
    """Put an object below ``input/``; its version."""
    answer = world.client("s3").put_object(Bucket=bucket or world.bucket, Key=f"input/{key}", Body=body)
    return str(answer.get("VersionId", ""))


def describe(world: World, arn: str) -> Run:
    found = world.client("stepfunctions").describe_execution(executionArn=arn)
    return Run(arn, found["status"], found.get("cause") or "", json.loads(found["input"]))


def executions(world: World, key: str, *, machine: str | None = None) -> list[Run]:
    """All executions of an object key, whatever its version."""
    pages = world.client("stepfunctions").get_paginator("list_executions")
    arns = [
        item["executionArn"]
        for page in pages.paginate(stateMachineArn=machine or world.machine)
        for item in page["executions"]
    ]
    runs = (describe(world, arn) for arn in arns)
    return [run for run in runs if run.given.get("key") == f"input/{key}"]


def started(world: World, key: str, count: int = 1, *, machine: str | None = None) -> list[Run]:
    """Wait until an object has started so many executions."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        runs = executions(world, key, machine=machine)
        if len(runs) >= count:
            return runs
        time.sleep(POLL_S)
    raise Unmet(f"input/{key[:80]} started fewer than {count} executions within {START_TIMEOUT_S} s")


def finish(world: World, run: Run) -> Run:
    """Wait for the end of an execution."""
    deadline = time.monotonic() + RUN_TIMEOUT_S
    while run.status == "RUNNING":
        if time.monotonic() > deadline:
            raise Unmet(f"{run.name} still runs after {RUN_TIMEOUT_S} s")
        time.sleep(POLL_S)
        run = describe(world, run.arn)
    return run


def run_file(
    world: World, key: str, body: bytes, *, machine: str | None = None, bucket: str | None = None
) -> Run:
    """Upload an object and wait for the end of the one execution that it starts."""
    upload(world, key, body, bucket=bucket)
    (run,) = started(world, key, machine=machine)
    return finish(world, run)


def job_runs(world: World, run: Run) -> list[dict[str, Any]]:
    """The Glue runs that an execution has started, in their order."""
    history = world.client("stepfunctions").get_execution_history(executionArn=run.arn, maxResults=1000)
    found, jobs = [], []
    for item in history["events"]:
        if "taskScheduledEventDetails" in item:
            jobs.append(json.loads(item["taskScheduledEventDetails"]["parameters"])["JobName"])
        if "taskSubmittedEventDetails" in item:
            run_id = json.loads(item["taskSubmittedEventDetails"]["output"])["JobRunId"]
            found.append(world.client("glue").get_job_run(JobName=jobs[-1], RunId=run_id)["JobRun"])
    return found


def keys(world: World, bucket: str, prefix: str) -> list[str]:
    pages = world.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return [item["Key"] for page in pages for item in page.get("Contents", [])]


def visible(world: World, run: Run, kind: str) -> list[str]:
    """The files that Spark, Athena or pyarrow would read: nothing below a name with ``_`` or ``.``."""
    bucket, prefix = run.folder(kind)
    found = keys(world, bucket, prefix)
    return [k for k in found if not any(p.startswith(("_", ".")) for p in k[len(prefix) :].split("/"))]


def rows(world: World, run: Run) -> Rows:
    """Count what is in the files."""

    def bodies(kind: str) -> list[tuple[str, bytes]]:
        s3, bucket = world.client("s3"), run.folder(kind)[0]
        return [
            (key, s3.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in visible(world, run, kind)
        ]

    def parquet(kind: str, part: str = "") -> int:
        return sum(pq.read_metadata(io.BytesIO(body)).num_rows for key, body in bodies(kind) if part in key)

    rejected = sum(len(body.splitlines()) for _, body in bodies("rejected"))
    return Rows(parquet("clean"), rejected, parquet("processed", "/listings/"))


def trace(world: World, run: Run) -> TraceDocuments:
    """The trace, once it is whole: its parts arrive one by one, as in X-Ray; what is there after a while."""
    assert world.outputs
    deadline = time.monotonic() + TRACE_TIMEOUT_S
    while True:
        late = time.monotonic() > deadline
        try:
            found = TraceDocuments(fetch_trace(run.trace_id).to_json())
            if late or _is_whole(found):
                return found
        except TraceNotFoundError:
            expect(not late, f"there is no trace {run.trace_id} of {run.name}")
        time.sleep(POLL_S)


def _is_whole(trace: TraceDocuments) -> bool:
    ended = not any(segment.get("in_progress") for segment in trace.by_id.values())
    return ended and len(trace.roots()) == 1 and not trace.orphans()
