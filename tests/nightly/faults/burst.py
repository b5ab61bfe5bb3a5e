# SPDX-License-Identifier: Apache-2.0
"""Many uploads at once."""

from __future__ import annotations

import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.e2e.documents import TraceDocuments
from tests.nightly.faults import checks, standins
from tests.nightly.faults.pipeline import upload
from tests.nightly.faults.starting import letters
from tests.nightly.faults.table import Finding, Phase, expect, fault
from tests.nightly.faults.world import World

UPLOADS = 1000
CLIENTS = 16
TIMEOUT_S = 300
TRACES_PER_CALL = 5  # BatchGetTraces


@fault(
    "lambda", "1,000 uploads at once", phase=Phase.ALONE,
    where="S3 -> copy of the function -> a state machine without jobs, 2,000 Spark starts being too many",
    expected="1,000 executions and 1,000 complete traces, nothing twice",
)  # fmt: skip
def thousand(world: World) -> Finding:
    machine = standins.passing_machine(world, "burst")
    to = standins.ingestion(world, "burst", machine=machine)
    began = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as pool:
        put = pool.map(lambda n: upload(world, f"burst/{n}.csv", b"x", bucket=to.bucket), range(UPLOADS))
        versions = set(put)
    given = _inputs(world, machine)
    took = time.monotonic() - began
    per_key = Counter(item["key"] for item in given)
    expect(set(per_key.values()) == {1}, f"started more than once: {per_key.most_common(3)}")
    expect({item["version_id"] for item in given} == versions, "versions and executions differ")
    ids = {dict(part.split("=", 1) for part in item["trace_header"].split(";"))["Root"] for item in given}
    expect(len(ids) == UPLOADS, f"{len(ids)} traces for {UPLOADS} uploads")
    traces = _traces(world, sorted(ids))
    expect(len(traces) == UPLOADS, f"{len(traces)} traces are there")
    for trace in traces:
        checks.check_trace(trace, jobs=0)
        expect(len(trace.with_origin(checks.MACHINE)) == 1, "a trace has not exactly one execution")
    expect(not letters(world, to), "an upload is in the dead-letter queue")
    return Finding(f"{UPLOADS} executions, {len(traces)} whole traces, nothing twice, in {took:.0f} s")


def _inputs(world: World, machine: str) -> list[dict[str, Any]]:
    """The inputs of all executions, once all uploads have started one and all have ended."""
    sfn = world.client("stepfunctions")
    deadline = time.monotonic() + TIMEOUT_S
    arns: list[str] = []
    while time.monotonic() < deadline:
        pages = sfn.get_paginator("list_executions").paginate(stateMachineArn=machine)
        found = [item for page in pages for item in page["executions"]]
        arns = [item["executionArn"] for item in found]
        if len(arns) >= UPLOADS and all(item["status"] == "SUCCEEDED" for item in found):
            break
        time.sleep(1.0)
    expect(len(arns) == UPLOADS, f"{len(arns)} executions after {TIMEOUT_S} s")
    with ThreadPoolExecutor(CLIENTS) as pool:
        described = pool.map(lambda arn: sfn.describe_execution(executionArn=arn)["input"], arns)
        return [json.loads(text) for text in described]


def _traces(world: World, ids: list[str]) -> list[TraceDocuments]:
    xray = world.client("xray")
    found = []
    for first in range(0, len(ids), TRACES_PER_CALL):
        answer = xray.batch_get_traces(TraceIds=ids[first : first + TRACES_PER_CALL])
        found += [TraceDocuments(trace) for trace in answer["Traces"]]
    return found
