# SPDX-License-Identifier: Apache-2.0
"""Drivers that die while they write, and tasks that fail."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from tests.e2e.documents import TraceDocuments
from tests.nightly.faults import checks, pipeline, standins
from tests.nightly.faults.glue_runs import COPY, on_jobs, run_on, running_job
from tests.nightly.faults.pipeline import Run, finish, standard_file, started, upload
from tests.nightly.faults.table import Finding, Unmet, expect, fault
from tests.nightly.faults.world import World

# The clean rows are written by four tasks that take their time, so that some are done and others are not.
SLOW_WRITE = """
import transforms.writing as _writing
_clean_rows = _writing.clean_rows
def _slowly(rows):
    slow = "coalesce(reflect('java.lang.Thread', 'sleep', 1500L), '') is not null"
    return _clean_rows(rows).repartition(4, "id").where(slow)
_writing.clean_rows = _slowly
"""
FAILING_TASK = """
import transforms.writing as _writing
_clean_rows = _writing.clean_rows
def _failing(rows):
    return _clean_rows(rows).repartition(2, "id").where("id < 4 or raise_error('this task fails') is null")
_writing.clean_rows = _failing
"""
FAILS_FIRST = """
import transforms.writing as _writing
_clean_rows = _writing.clean_rows
def _attempt(rows):
    for batch in rows:
        from pyspark import TaskContext
        if TaskContext.get().attemptNumber() == 0:
            raise RuntimeError("the first attempt of this task fails")
        yield batch
def _failing(rows):
    kept = _clean_rows(rows)
    return kept.mapInPandas(_attempt, kept.schema)
_writing.clean_rows = _failing
"""
WRITE_TIMEOUT_S = 300


def driver(run_id: str) -> int:
    """The process of a driver's JVM, found by the run's id among its arguments."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                command = (folder / "cmdline").read_bytes()
            except OSError:
                continue  # it has ended
            if run_id.encode() in command and b"SparkSubmit" in command:
                return int(folder.name)
    raise Unmet(f"the driver of {run_id[:12]} does not run")


def python_of(jvm: int) -> int:
    """The driver's Python, a child of its JVM."""
    children = Path(f"/proc/{jvm}/task/{jvm}/children").read_text().split()
    every = children or [folder.name for folder in Path("/proc").iterdir() if _is_child(folder, jvm)]
    return int(every[0])


def _is_child(folder: Path, parent: int) -> bool:
    try:
        return folder.name.isdigit() and f"\nPPid:\t{parent}\n" in (folder / "status").read_text()
    except OSError:
        return False  # it has ended


def in_the_middle(world: World, run: Run) -> None:
    """Wait until a part of the clean rows is written and the rest is not."""
    bucket, prefix = run.folder("clean")
    deadline = time.monotonic() + WRITE_TIMEOUT_S
    while time.monotonic() < deadline:
        found = pipeline.keys(world, bucket, prefix)
        if any("_temporary" in key for key in found):
            return
        expect(not found, f"files are visible while the job writes: {found[:2]}")
        time.sleep(0.1)
    raise Unmet("the job has written nothing")


def _killed(world: World, name: str, kill: Callable[[int], None], *, jobs: int, says: str) -> Finding:
    job = standins.glue_job(world, name, prelude=SLOW_WRITE)
    to = on_jobs(world, name, clean=job)
    body, key = standard_file(world, name), f"{name}.csv"
    upload(world, key, body, bucket=to.bucket)
    (run,) = started(world, key, machine=to.machine)
    run_id = running_job(world, run)["RunId"]
    in_the_middle(world, run)
    kill(driver(run_id))
    run = finish(world, run)
    left = [k for k in pipeline.keys(world, *run.folder("clean")) if "_temporary" in k]
    whole = len(pipeline.visible(world, run, "clean"))
    trace = pipeline.trace(world, run)
    seen = f"{len(left)} parts left under _temporary, "
    seen += "the JVM finished the write: a reader sees all of it" if whole else "a reader sees none"
    if not _unfinished(trace):
        finding = checks.failed(world, run, body, says=says, jobs=jobs, whole=checks.STANDARD.clean)
        return Finding(f"{seen}; {finding.observed}", 0, finding.spans_lost, finding.spans_lost_counted)
    return _cut_off(world, run, body, says, seen)


def _unfinished(trace: TraceDocuments) -> list[str]:
    return [item["name"] for item in trace.by_id.values() if item.get("in_progress")]


def _cut_off(world: World, run: Run, body: bytes, says: str, seen: str) -> Finding:
    """A driver that could say nothing any more: what it had shown in progress stays so, the state is red."""
    expect(run.status == "FAILED" and says in run.cause, f"the execution ended {run.status}: {run.cause}")
    checks.check_untouched(world, run, body, whole=checks.STANDARD.clean)
    trace = pipeline.trace(world, run)
    expect(len(trace.roots()) == 1 and not trace.orphans(), "the trace is torn")
    (machine,) = trace.with_origin(checks.MACHINE)
    expect(machine.get("fault"), "the state machine is not red in the trace")
    shown = _unfinished(trace)
    return Finding(
        f"{seen}; FAILED: {run.cause}; the trace shows the state in red and {len(shown)} documents in "
        "progress; what the driver had in memory nobody can count", 0, len(shown), len(shown),
    )  # fmt: skip


@fault(
    "glue", "driver gets SIGTERM in the middle of the write", where=COPY,
    expected="FAILED, no reader sees half an output, the job's spans are delivered with what was unfinished",
)  # fmt: skip
def sigterm(world: World) -> Finding:
    def kill(jvm: int) -> None:
        os.kill(python_of(jvm), signal.SIGTERM)

    return _killed(world, "sigterm", kill, jobs=1, says="exit code")


@fault(
    "glue", "driver gets SIGKILL in the middle of the write", where=COPY,
    expected="FAILED, no reader sees half an output, the trace shows the failed state",
)  # fmt: skip
def sigkill(world: World) -> Finding:
    def kill(jvm: int) -> None:
        os.kill(python_of(jvm), signal.SIGKILL)
        os.kill(jvm, signal.SIGKILL)

    return _killed(world, "sigkill", kill, jobs=0, says="exit code 137")


@fault(
    "glue", "an executor task fails for good", where=f"{COPY}; one task of the write raises",
    expected="FAILED with the reason, no reader sees the parts that were written",
)  # fmt: skip
def failing_task(world: World) -> Finding:
    to = on_jobs(world, "bad-task", clean=standins.glue_job(world, "bad-task", prelude=FAILING_TASK))
    body = standard_file(world, "bad-task")
    run = run_on(world, to, "bad-task.csv", body)
    return checks.failed(world, run, body, says="this task fails")


@fault(
    "glue", "an executor task fails once", where=f"{COPY}; Spark retries tasks, as on a cluster",
    expected="the task is tried again, every row is there once, and the job's own count agrees",
)  # fmt: skip
def task_fails_once(world: World) -> Finding:
    job = standins.glue_job(
        world, "task-once", prelude=FAILS_FIRST, arguments={"--conf": "spark.master=local[2,4]"}
    )
    to = on_jobs(world, "task-once", clean=job)
    run = run_on(world, to, "task-once.csv", standard_file(world, "task-once"))
    (clean, _) = pipeline.trace(world, run).glue_jobs()
    text = checks.as_json(clean)
    return checks.succeeded(world, run, note=f"the trace names the failed task: {'first attempt' in text}")
