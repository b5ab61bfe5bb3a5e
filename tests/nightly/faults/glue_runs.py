# SPDX-License-Identifier: Apache-2.0
"""Job runs that cannot start, fail, take too long, or are stopped by hand."""

from __future__ import annotations

import time

from tests.nightly.faults import checks, pipeline, standins
from tests.nightly.faults.pipeline import Run, finish, run_file, standard_file, started, upload
from tests.nightly.faults.standins import Ingestion
from tests.nightly.faults.table import Finding, Unmet, expect, fault
from tests.nightly.faults.world import World

COPY = "copies of state machine and Glue job, deployed code"
FAILS_ONCE = """
import boto3, sys
_s3, _mark = boto3.client("s3"), {"Bucket": %r, "Key": "marks/fails-once"}
if "Contents" not in _s3.list_objects_v2(Bucket=_mark["Bucket"], Prefix=_mark["Key"]):
    _s3.put_object(**_mark)
    raise RuntimeError("the first run fails")
"""
SLEEPS = "\nimport time\ntime.sleep(60)\n"
SLOW_START_S = 4.0


def on_jobs(world: World, name: str, **jobs: str) -> Ingestion:
    """An ingestion that starts a copy of the state machine with other jobs."""
    machine = standins.state_machine(world, name, standins.use_jobs(**jobs))
    return standins.ingestion(world, name, machine=machine)


def run_on(world: World, to: Ingestion, key: str, body: bytes) -> Run:
    return run_file(world, key, body, machine=to.machine, bucket=to.bucket)


def running_job(world: World, run: Run, *, state: str = "RUNNING") -> dict[str, str]:
    """Wait until an execution's newest job run is in a state."""
    deadline = time.monotonic() + pipeline.RUN_TIMEOUT_S
    while time.monotonic() < deadline:
        found = pipeline.job_runs(world, run)
        if found and found[-1]["JobRunState"] == state:
            return {"JobName": found[-1]["JobName"], "RunId": found[-1]["Id"]}
        time.sleep(0.1)
    raise Unmet(f"no run of {run.name} came to {state}")


@fault(
    "glue", "ConcurrentRunsExceeded", where=f"{COPY}; the job takes one run at a time and queues none",
    expected="the second execution retries until there is room: both succeed",
)  # fmt: skip
def concurrent_runs(world: World) -> Finding:
    job = standins.glue_job(
        world, "one-at-a-time", ExecutionProperty={"MaxConcurrentRuns": 1}, JobRunQueuingEnabled=False
    )
    to = on_jobs(world, "one-at-a-time", clean=job)
    keys = ["concurrent-1.csv", "concurrent-2.csv"]
    for key in keys:
        upload(world, key, standard_file(world, key), bucket=to.bucket)
    runs = [finish(world, started(world, key, machine=to.machine)[0]) for key in keys]
    found = [checks.succeeded(world, run) for run in runs]
    refused = sum(text.count("ConcurrentRunsExceeded") for text in (history(world, run) for run in runs))
    expect(refused, "no start was refused: the fault was not there")
    return Finding(
        f"{refused} starts refused, both executions succeeded, two whole traces",
        sum(one.rows_lost for one in found),
        sum(one.spans_lost for one in found),
        sum(one.spans_lost_counted for one in found),
    )


def history(world: World, run: Run) -> str:
    """The failed starts of an execution, as text."""
    events = world.client("stepfunctions").get_execution_history(executionArn=run.arn, maxResults=1000)
    return checks.as_json([item.get("taskFailedEventDetails", {}).get("error") for item in events["events"]])


@fault(
    "glue", "a run fails once, then works", where=COPY,
    expected="the first execution FAILED and says why; uploaded again, the file succeeds",
)  # fmt: skip
def fails_once(world: World) -> Finding:
    job = standins.glue_job(world, "fails-once", prelude=FAILS_ONCE % world.bucket)
    to = on_jobs(world, "fails-once", clean=job)
    body = standard_file(world, "fails-once")
    first = run_on(world, to, "fails-once.csv", body)
    checks.failed(world, first, body, says="the first run fails", jobs=0)
    upload(world, "fails-once.csv", body, bucket=to.bucket)
    runs = started(world, "fails-once.csv", 2, machine=to.machine)
    second = finish(world, next(run for run in runs if run.arn != first.arn))
    return checks.succeeded(world, second, note="first FAILED with its reason, then")


@fault(
    "glue", "a run takes too long", where=f"{COPY}; the state waits 8 s, the job sleeps",
    expected="the execution FAILED with the reason, the run is stopped, nothing half-written",
)  # fmt: skip
def takes_too_long(world: World) -> Finding:
    job = standins.glue_job(world, "sleeps", prelude=SLEEPS)

    def change(definition: standins.Definition) -> None:
        standins.use_jobs(clean=job)(definition)
        definition["States"]["Clean Data"]["TimeoutSeconds"] = 8

    machine = standins.state_machine(world, "sleeps", change)
    to = standins.ingestion(world, "sleeps", machine=machine)
    body = standard_file(world, "sleeps")
    run = run_on(world, to, "sleeps.csv", body)
    finding = checks.failed(world, run, body, says="States.Timeout", jobs=0)
    running_job(world, run, state="STOPPED")
    return finding


@fault(
    "glue", "a run is stopped by hand", where="BatchStopJobRun on the deployed clean job",
    expected="the execution FAILED and says that the run was stopped; the trace shows how far it came",
)  # fmt: skip
def stopped_by_hand(world: World) -> Finding:
    body = standard_file(world, "stopped")
    upload(world, "stopped.csv", body)
    (run,) = started(world, "stopped.csv")
    job = running_job(world, run)
    time.sleep(SLOW_START_S)  # in the middle of its work: Spark is starting
    world.client("glue").batch_stop_job_run(JobName=job["JobName"], JobRunIds=[job["RunId"]])
    run = finish(world, run)
    jobs = len(pipeline.trace(world, run).glue_jobs())
    finding = checks.failed(world, run, body, says="STOPPED", jobs=jobs)
    seen = (
        "with the job's own segment"
        if jobs
        else "the state is red; the run was stopped before its first span"
    )
    return Finding(f"{finding.observed}; {seen}", 0, finding.spans_lost, finding.spans_lost_counted)
