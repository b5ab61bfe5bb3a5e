# SPDX-License-Identifier: Apache-2.0
"""Trace headers that are broken, unsampled or far too long, handed to the deployed state machine."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from tests.e2e.documents import TraceDocuments
from tests.nightly.faults import checks, standins
from tests.nightly.faults.glue_disk import header
from tests.nightly.faults.pipeline import Run, describe, finish, standard_file
from tests.nightly.faults.table import Finding, expect, fault
from tests.nightly.faults.world import World
from trace_viewer import fetch_trace

WHERE = "trace_header of the execution input; deployed state machine and jobs"


def start(world: World, name: str, trace_header: str) -> Run:
    """Run the standard file with a header of our own; no upload, so that the function has no say."""
    bucket = standins.open_bucket(world, f"{name}-data")
    world.client("s3").put_object(Bucket=bucket, Key=f"input/{name}.csv", Body=standard_file(world, name))
    given = {
        "bucket": bucket, "key": f"input/{name}.csv", "version_id": None, "dataset": name,
        "trace_header": trace_header, "run_date": "2026-03-01",
        "input_uri": f"s3://{bucket}/input/{name}.csv",
    }  # fmt: skip
    folders = {
        f"{kind}_uri": f"s3://{bucket}/{kind}/{name}/run_id={name}/"
        for kind in ("clean", "processed", "rejected")
    }
    answer = world.client("stepfunctions").start_execution(
        stateMachineArn=world.machine, name=name, input=json.dumps(given | folders)
    )
    return finish(world, describe(world, answer["executionArn"]))


def traces_of(world: World, run: Run) -> list[TraceDocuments]:
    """Traces in which a job names this run."""
    now = datetime.now(UTC)
    found = world.client("xray").get_trace_summaries(
        StartTime=now - timedelta(hours=1), EndTime=now, FilterExpression=f'annotation.run_id = "{run.name}"'
    )
    return [TraceDocuments(fetch_trace(one["Id"]).to_json()) for one in found["TraceSummaries"]]


@fault(
    "telemetry", "malformed trace header", where=WHERE,
    expected="data unharmed, job not failed; each job has a trace of its own, all its spans in it",
)  # fmt: skip
def malformed(world: World) -> Finding:
    run = start(world, "malformed-header", "Root=nonsense;Parent=?;;=;Sampled=maybe")
    lost = checks.check_rows(world, run)
    found = traces_of(world, run)
    expect(len(found) == 2, f"{len(found)} traces of the two jobs")
    spans = [checks.check_trace(trace, jobs=1) for trace in found]
    made, kept, counted = (sum(column) for column in zip(*spans, strict=True))
    return Finding(
        f"SUCCEEDED; 2 traces of their own with {kept} of {made} spans", lost, made - kept, counted
    )


@fault(
    "telemetry", "unsampled trace header", where=WHERE,
    expected="data unharmed; the decision holds: no span is made",
)  # fmt: skip
def unsampled(world: World) -> Finding:
    trace_id, text = header(world)
    run = start(world, "unsampled-header", text.replace("Sampled=1", "Sampled=0"))
    lost = checks.check_rows(world, run)
    expect(not traces_of(world, run), "a job was traced all the same")
    whole = TraceDocuments(fetch_trace(trace_id).to_json())
    expect(len(whole.segments) == 1, f"{len(whole.segments)} segments in the caller's trace")
    return Finding("SUCCEEDED; no span in any trace", lost)


@fault(
    "telemetry", "oversized trace header", where=WHERE,
    expected="data unharmed; Root and Parent are read, the rest is passed over: one whole trace",
)  # fmt: skip
def oversized(world: World) -> Finding:
    trace_id, text = header(world)
    run = start(world, "oversized-header", f"{text};Extra={'x' * 20_000}")
    lost = checks.check_rows(world, run)
    trace = TraceDocuments(fetch_trace(trace_id).to_json())
    spans = checks.check_trace(trace, jobs=2)
    text = f"SUCCEEDED; a header of 20 KB; one whole trace with {spans.present} of {spans.made} spans"
    return Finding(text, lost, spans.lost, spans.counted)
