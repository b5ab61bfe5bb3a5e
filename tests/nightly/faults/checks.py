# SPDX-License-Identifier: Apache-2.0
"""What must be true after a fault: the rows are there, the trace is whole, every span is accounted for."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from typing import Any, NamedTuple

from tests.e2e import listings
from tests.e2e.documents import Document, TraceDocuments
from tests.nightly.faults import pipeline, standins
from tests.nightly.faults.pipeline import Rows, Run
from tests.nightly.faults.table import Finding, Unmet, expect
from tests.nightly.faults.world import World

DELIVERY = re.compile(
    r"spans made=(\d+) sent=(\d+) \(collector=(\d+) x-ray=(\d+)\) "
    r"spilled=(\d+)(?: \((.*?)\))? dropped=(\d+)(.*) in ([\d.]+) s"
)
MACHINE = "AWS::StepFunctions::StateMachine"


@dataclass(frozen=True)
class Outcome:
    """Rows that an input must come to."""

    read: int
    clean: int
    duplicate: int
    rejected: int


STANDARD = Outcome(
    listings.ROWS_READ,
    listings.ROWS_CLEAN,
    listings.ROWS_DUPLICATE,
    sum(listings.REJECTED_BY_REASON.values()),
)


class Spans(NamedTuple):
    """The spans of one or more jobs: lost ones are neither in the trace nor still in a file."""

    made: int
    present: int
    counted: int  # left out, and said so

    @property
    def lost(self) -> int:
        return self.made - self.present


class Delivery(NamedTuple):
    """The last line that a job writes of its spans, when not all of them were sent."""

    made: int
    sent: int
    collector: int
    xray: int
    spilled: int
    file: str
    dropped: int
    why: str
    seconds: float


def rows_lost(found: Rows, outcome: Outcome) -> int:
    """Rows read that are in no output; clean ones that were not processed are lost too."""
    return (outcome.read - outcome.duplicate - found.clean - found.rejected) + (found.clean - found.processed)


def spans_of(trace: TraceDocuments, job: Document) -> Spans:
    """Compare what a job says it made with what is there."""
    said: dict[str, Any] = job.get("metadata", {}).get("default", {}) | job.get("annotations", {})
    present = 1 + len(trace.below(job))
    return Spans(int(said["xray.spans.made"]), present, int(said["xray.spans.dropped"]))


def check_trace(trace: TraceDocuments, *, jobs: int = 2) -> Spans:
    """One root, no orphan, nothing in progress, so many jobs; the spans of the jobs together."""
    roots = [root["name"] for root in trace.roots()]
    expect(len(roots) == 1, f"the trace has the roots {roots}")
    orphans = [orphan["name"] for orphan in trace.orphans()]
    expect(not orphans, f"the trace has the orphans {orphans[:5]}")
    unfinished = [item["name"] for item in trace.by_id.values() if item.get("in_progress")]
    expect(not unfinished, f"in progress for ever: {unfinished[:5]}")
    found = trace.glue_jobs()
    expect(len(found) == jobs, f"the trace has {len(found)} job segments, not {jobs}")
    each = [spans_of(trace, job) for job in found]
    return Spans(*(sum(column) for column in zip(*each, strict=True))) if each else Spans(0, 0, 0)


def check_rows(world: World, run: Run, outcome: Outcome = STANDARD) -> int:
    """The rows lost by a run that succeeded; what is there must be what the rules make of the input."""
    expect(run.status == "SUCCEEDED", f"the execution ended {run.status}: {run.cause}")
    found = pipeline.rows(world, run)
    wanted = Rows(outcome.clean, outcome.rejected, outcome.clean)
    lost = rows_lost(found, outcome)
    expect(found == wanted or lost > 0, f"the outputs hold {found}, not {wanted}")
    return lost


def succeeded(world: World, run: Run, outcome: Outcome = STANDARD, *, note: str = "") -> Finding:
    """Data and trace of an execution that must have succeeded."""
    lost = check_rows(world, run, outcome)
    spans = check_trace(pipeline.trace(world, run))
    seen = f"SUCCEEDED; {outcome.read} rows = {outcome.clean} clean + {outcome.duplicate} duplicate + "
    seen += f"{outcome.rejected} rejected; one whole trace with {spans.present} of {spans.made} spans"
    return Finding("; ".join(filter(None, [note, seen])), lost, spans.lost, spans.counted)


def failed(
    world: World, run: Run, body: bytes, *, says: str, jobs: int = 1, note: str = "", whole: int = 0
) -> Finding:
    """A failure that is clear, leaves the input as it was, and no output that a reader would take for one."""
    expect(run.status == "FAILED", f"the execution ended {run.status}, not FAILED")
    expect(says in run.cause, f"the cause does not say {says!r}: {run.cause}")
    expect("\n" not in run.cause, f"the cause is more than a sentence: {run.cause!r}")
    check_untouched(world, run, body, whole=whole)
    trace = pipeline.trace(world, run)
    spans = check_trace(trace, jobs=jobs)
    (machine,) = trace.with_origin(MACHINE)
    expect(machine.get("fault"), "the state machine is not red in the trace")
    expect(all(job.get("fault") for job in trace.glue_jobs()), "the job is not red in the trace")
    return Finding("; ".join(filter(None, [note, f"FAILED: {run.cause}"])), 0, spans.lost, spans.counted)


def check_untouched(world: World, run: Run, body: bytes, *, whole: int = 0) -> None:
    """The input is what was uploaded, and nothing half-written is to be seen.

    ``whole``: so many clean rows with ``_SUCCESS`` are no half output either; a JVM may outlive its Python.
    """
    given = run.given
    stored = world.client("s3").get_object(Bucket=given["bucket"], Key=given["key"])["Body"].read()
    expect(stored == body, "the input object has changed")
    done = any(key.endswith("/_SUCCESS") for key in pipeline.keys(world, *run.folder("clean")))
    if whole and done and pipeline.rows(world, run).clean == whole:
        return
    for kind in ("clean", "processed"):
        seen = pipeline.visible(world, run, kind)
        expect(not seen, f"a reader sees {len(seen)} files below {kind}/ of a run that failed: {seen[:2]}")


def deliveries(world: World, run: Run) -> list[Delivery]:
    """What the jobs of an execution have logged of spans that they could not send."""
    found = []
    for job_run in pipeline.job_runs(world, run):
        text = "\n".join(log_lines(world, job_run["Id"]))
        for groups in DELIVERY.findall(text):
            made, sent, collector, xray, spilled, file, dropped, why, seconds = groups
            found.append(
                Delivery(
                    made=int(made), sent=int(sent), collector=int(collector), xray=int(xray),
                    spilled=int(spilled), file=file, dropped=int(dropped), why=why, seconds=float(seconds),
                )
            )  # fmt: skip
    return found


def log_lines(world: World, stream: str) -> list[str]:
    """Everything a Glue run has printed."""
    logs, lines = world.client("logs"), []
    for group in logs.get_paginator("describe_log_groups").paginate().search("logGroups[].logGroupName"):
        if group.endswith("/output"):
            try:
                pages = logs.get_paginator("filter_log_events").paginate(
                    logGroupName=group, logStreamNames=[stream]
                )
                lines += [item["message"] for page in pages for item in page["events"]]
            except logs.exceptions.ResourceNotFoundException:
                continue
    return lines


def as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def starts_nothing(world: World, key: str, *, says: str) -> Finding:
    """Upload a file and wait for the line in which the function says why it starts nothing."""
    pipeline.upload(world, key, b"no data")
    deadline = time.monotonic() + pipeline.START_TIMEOUT_S
    while time.monotonic() < deadline:
        lines = [line for line in function_log(world) if key in line]
        if lines:
            expect(says in lines[0], f"the log does not say {says!r}: {lines[0]}")
            expect(not pipeline.executions(world, key), "it has started an execution")
            return Finding(f"no execution; the log says: {json.loads(lines[0])['message']}")
        time.sleep(1.0)
    raise Unmet("the function's log does not name the object")


def function_log(world: World) -> list[str]:
    """What the deployed function has logged."""
    name = standins.function_name(world)
    config = world.client("lambda").get_function_configuration(FunctionName=name)
    group = config.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{name}"
    pages = world.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
    text = "\n".join(item["message"] for page in pages for item in page["events"])
    return [line for line in text.splitlines() if line.startswith("{")]
