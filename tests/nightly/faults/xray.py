# SPDX-License-Identifier: Apache-2.0
"""X-Ray that fails, alone or together with the collector; one at a time, because all jobs share it."""

from __future__ import annotations

import subprocess
from typing import Any

from tests.nightly.faults import checks, pipeline
from tests.nightly.faults.collector import BUDGET_S
from tests.nightly.faults.glue_disk import environment, python
from tests.nightly.faults.pipeline import Run, run_file, standard_file
from tests.nightly.faults.table import Finding, Phase, expect, fault
from tests.nightly.faults.world import World

WHERE = "X-Ray of the cloud; deployed function, state machine and jobs"
BOTH = "X-Ray and collector of the cloud; deployed function, state machine and jobs"
READS = ["BatchGetTraces", "StartTraceRetrieval", "ListRetrievedTraces"]
PUT = ["PutTraceSegments"]
DOWN = {"mode": "down"}
FROM_HEADER = "data unharmed, job not delayed; the job hangs below the header's parent: one whole trace"
ALONE = Phase.ALONE


def run_with(world: World, name: str, **faults: Any) -> Run:
    """Run the standard file while faults are on."""
    with world.faulty(**faults):
        return run_file(world, f"{name}.csv", standard_file(world, name))


def parents(world: World, run: Run) -> list[str]:
    """How each job has found its parent, and by which operation."""
    said = [
        job.get("metadata", {}).get("default", {}) | job.get("annotations", {})
        for job in pipeline.trace(world, run).glue_jobs()
    ]
    return [f"{one.get('xray.parent.source')}/{one.get('xray.parent.api', '-')}" for one in said]


def bounded(world: World, run: Run) -> str:
    """The time that telemetry took at the end of the jobs, as their logs tell it."""
    told = checks.deliveries(world, run)
    for one in told:
        expect(one.made == one.sent + one.spilled + one.dropped, f"the report does not add up: {one}")
        expect(one.seconds <= BUDGET_S, f"telemetry took {one.seconds} s at the end of a job")
    return ", ".join(f"{one.seconds:.1f} s" for one in told) or "nothing to report"


def _reads(world: World, name: str, source: str, **faults: Any) -> Finding:
    run = run_with(world, name, **faults)
    found = parents(world, run)
    expect(all(one.startswith(source) for one in found), f"the parents were found by {found}")
    return checks.succeeded(world, run, note=f"parents by {found}; delivery: {bounded(world, run)}")


@fault("telemetry", "X-Ray throttles reads", where=WHERE, expected=FROM_HEADER, phase=ALONE)
def throttles_reads(world: World) -> Finding:
    return _reads(world, "throttled-reads", "header", xray_fault={"mode": "throttle", "operations": READS})


@fault("telemetry", "X-Ray answers with nothing", where=WHERE, expected=FROM_HEADER, phase=ALONE)
def empty(world: World) -> Finding:
    return _reads(world, "empty-reads", "header", xray_fault={"mode": "empty", "operations": READS[:1]})


@fault("telemetry", "X-Ray answers after the deadline", where=WHERE, expected=FROM_HEADER, phase=ALONE)
def late(world: World) -> Finding:
    wanted = {"mode": "delay", "seconds": 12, "operations": READS}
    return _reads(world, "late-reads", "header", xray_fault=wanted)


@fault(
    "telemetry", "Transaction Search is on", where=WHERE, phase=ALONE,
    expected="the step is found by StartTraceRetrieval and ListRetrievedTraces: one whole trace",
)  # fmt: skip
def transaction_search(world: World) -> Finding:
    run = run_with(world, "transaction-search", transaction_search=True)
    found = parents(world, run)
    expect(set(found) == {"step/ListRetrievedTraces"}, f"the parents were found by {found}")
    return checks.succeeded(world, run, note=f"parents by {found}")


@fault(
    "telemetry", "X-Ray throttles the collector once", where=WHERE, phase=ALONE,
    expected="the collector tries again: one whole trace",
)  # fmt: skip
def throttles_collector(world: World) -> Finding:
    wanted = {"mode": "throttle", "operations": PUT, "count": 1}
    return checks.succeeded(
        world, run_with(world, "throttled-once", xray_fault=wanted), note="throttled once"
    )


@fault(
    "telemetry", "collector down, X-Ray throttles writes", where=BOTH, phase=ALONE,
    expected="tried again within the time: one whole trace",
)  # fmt: skip
def throttles_writes(world: World) -> Finding:
    wanted = {"mode": "throttle", "operations": PUT, "count": 2}
    run = run_with(world, "throttled-writes", collector_fault=DOWN, xray_fault=wanted)
    return checks.succeeded(world, run, note=f"throttled twice; delivery: {bounded(world, run)}")


@fault(
    "telemetry", "collector down, X-Ray rejects some segments", where=BOTH, phase=ALONE,
    expected="what comes back unprocessed is sent again: one whole trace",
)  # fmt: skip
def rejects(world: World) -> Finding:
    wanted = {"mode": "reject", "operations": PUT, "count": 1}
    run = run_with(world, "rejected", collector_fault=DOWN, xray_fault=wanted)
    return checks.succeeded(world, run, note=f"one batch came back; delivery: {bounded(world, run)}")


def resent(world: World, run: Run, *, note: str) -> Finding:
    """Spans in files beside the output: sent by the documented command, then the trace is whole."""
    checks.check_rows(world, run)
    told = checks.deliveries(world, run)
    spilled = [one for one in told if one.spilled]
    expect(spilled, f"nothing was spilled: {told}")
    files = [one.file for one in spilled]
    beside = tuple(run.given[f"{kind}_uri"] for kind in ("clean", "processed", "rejected"))
    expect(all(file.startswith(beside) for file in files), f"not beside the job's output: {files}")
    command = [str(python()), "-m", "xray_helper.resend", *files]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    expect(done.returncode == 0, f"resend: {done.stdout}{done.stderr}")
    count = sum(one.spilled for one in spilled)
    finding = checks.succeeded(world, run, note=f"{note}; {count} spans in {len(files)} files, then sent")
    return Finding(
        f"{finding.observed}; delivery: {bounded(world, run)}",
        finding.rows_lost, finding.spans_lost, finding.spans_lost_counted,
    )  # fmt: skip


@fault(
    "telemetry", "collector and X-Ray both fail", where=BOTH, phase=ALONE,
    expected="spans are written beside the output; python -m xray_helper.resend makes the trace whole",
)  # fmt: skip
def both_down(world: World) -> Finding:
    wanted = {"mode": "status", "status": 500, "operations": PUT + READS}
    run = run_with(world, "both-down", collector_fault=DOWN, xray_fault=wanted)
    return resent(world, run, note="collector down, X-Ray answers 500")


@fault(
    "telemetry", "collector down, X-Ray takes segments after the deadline", where=BOTH, phase=ALONE,
    expected="the job does not wait; spans are written beside the output; sending them again does no harm",
)  # fmt: skip
def late_writes(world: World) -> Finding:
    wanted = {"mode": "delay", "seconds": 8, "operations": PUT}
    run = run_with(world, "late-writes", collector_fault=DOWN, xray_fault=wanted)
    return resent(world, run, note="X-Ray takes 8 s for an answer")


NOWHERE = """
from xray_helper import Settings, traced_job
settings = Settings(trace_header=%r, otlp_endpoint="http://127.0.0.1:9", spill_uri="/proc/no/such/folder")
with traced_job(settings=settings) as job:
    for number in range(10):
        with job.step(f"step {number}"):
            pass
print("the job ends well")
"""


@fault(
    "telemetry", "collector, X-Ray and the file all fail", where="traced_job in a process of its own",
    expected="the job ends well, within its time, and its log counts every span as dropped",
)  # fmt: skip
def nowhere(world: World) -> Finding:
    code = NOWHERE % "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
    done = subprocess.run(
        [str(python()), "-c", code],
        env=environment(AWS_ENDPOINT_URL_XRAY="http://127.0.0.1:9"),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    expect(done.returncode == 0 and "ends well" in done.stdout, f"the job failed: {done.stderr[-300:]}")
    found = checks.DELIVERY.findall(done.stderr)
    expect(len(found) == 1, f"no delivery report in the log: {done.stderr[-300:]}")
    made, sent, spilled, dropped = (int(found[0][place]) for place in (0, 1, 4, 6))
    expect((made, sent, spilled) == (11, 0, 0), f"the delivery report says {found[0]}")
    return Finding(f"made=11 sent=0 spilled=0 dropped={dropped}; the job ended well", 0, made, dropped)
