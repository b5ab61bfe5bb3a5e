# SPDX-License-Identifier: Apache-2.0
"""A collector that fails, one per fault: real sockets, beside the deployed jobs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from local_cloud.xray.collector import Collector
from local_cloud.xray.faults import Fault
from tests.nightly.faults import checks, pipeline, standins
from tests.nightly.faults.pipeline import Run, finish, standard_file, started, upload
from tests.nightly.faults.table import Finding, Unmet, expect, fault
from tests.nightly.faults.world import World

WHERE = "the collector of a copy of the state machine; deployed Glue jobs"
DIRECT = "data unharmed, job not failed, spans go to X-Ray directly within 5 s"
BUDGET_S = 5.3  # 5 s for all telemetry at a job's end, and what the clock of a busy machine adds


@contextmanager
def own_collector(world: World) -> Iterator[Collector]:
    """A collector stand-in of this fault alone, which writes to the cloud's X-Ray."""
    xray = world.client("xray")

    def put(documents: list[str]) -> list[dict[str, str]]:
        refused: list[dict[str, str]] = xray.put_trace_segments(TraceSegmentDocuments=documents)[
            "UnprocessedTraceSegments"
        ]
        return refused

    collector = Collector(put=put, is_deployed=lambda host: True)
    try:
        yield collector
    finally:
        collector.close()


def machine_with(world: World, name: str, endpoint: str) -> standins.Ingestion:
    """An ingestion whose jobs send their spans to an endpoint."""
    machine = standins.state_machine(world, name, standins.add_argument("--otlp_endpoint", endpoint))
    return standins.ingestion(world, name, machine=machine)


def delivered(world: World, run: Run, *, note: str, by: str) -> Finding:
    """Data, trace and delivery of a run whose spans took a way: ``collector``, ``x-ray`` or ``either``."""
    finding = checks.succeeded(world, run, note=note)
    told = checks.deliveries(world, run)
    for one in told:
        expect(one.made == one.sent + one.spilled + one.dropped, f"the report does not add up: {one}")
        expect(one.seconds <= BUDGET_S, f"telemetry took {one.seconds} s at the end of a job")
        way = "collector" if one.collector else "x-ray" if one.xray else "file"
        expect(by in (way, "either"), f"the spans went by {way}: {one}")
    if by == "x-ray":
        expect(len(told) == 2, f"{len(told)} of 2 jobs have logged that something was wrong")
    ends = ", ".join(f"{one.seconds:.1f} s" for one in told) or "nothing to report"
    return Finding(
        f"{finding.observed}; delivery took {ends}",
        finding.rows_lost, finding.spans_lost, finding.spans_lost_counted,
    )  # fmt: skip


def _suffer(world: World, name: str, wanted: Fault, note: str, by: str) -> Finding:
    with own_collector(world) as collector:
        collector.set_fault(wanted)
        to = machine_with(world, name, collector.url)
        run = pipeline.run_file(
            world, f"{name}.csv", standard_file(world, name), machine=to.machine, bucket=to.bucket
        )
    return delivered(world, run, note=note, by=by)


def _add(name: str, expected: str, note: str, by: str = "x-ray", **wanted: Any) -> None:
    @fault("telemetry", f"collector {name}", where=WHERE, expected=expected)
    def check(world: World) -> Finding:
        own = "collector-" + "".join(letter if letter.isalnum() else "-" for letter in name.lower())
        return _suffer(world, own, Fault(**wanted), note, by)


_add("down from the start", DIRECT, "no listener", mode="down")
_add("hangs without an answer", DIRECT, "every request is accepted and never answered", mode="hang")
_add("resets the connection", DIRECT, "every connection is reset", mode="reset")
_add("answers 500", DIRECT, "every request gets 500", mode="status", status=500)
_add(
    "answers 503 once", "the second request is taken", "one 503", "either", mode="status", status=503, count=1
)
_add(
    "answers 429, Retry-After 1", "the exporter waits and the second request is taken",
    "one 429 with Retry-After: 1 for each job", "either", mode="status", status=429, retry_after=1, count=2,
)  # fmt: skip
_add(
    "answers 429, Retry-After 60", DIRECT, "every request gets 429 with Retry-After: 60",
    mode="status", status=429, retry_after=60,
)  # fmt: skip
_add("answers 400", DIRECT, "every request gets 400, which no retry can mend", mode="status", status=400)


@fault(
    "telemetry", "collector dies in the middle of the run", where=WHERE,
    expected="the first job's spans by the collector, the second's directly: one whole trace",
)  # fmt: skip
def dies(world: World) -> Finding:
    with own_collector(world) as collector:
        to = machine_with(world, "collector-dies", collector.url)
        upload(world, "collector-dies.csv", standard_file(world, "collector-dies"), bucket=to.bucket)
        (run,) = started(world, "collector-dies.csv", machine=to.machine)
        wait_for_second_job(world, run)
        taken = collector.exporter.counts["exported"]
        expect(taken, "the first job has sent nothing to the collector")
        collector.set_fault(Fault(mode="down"))
        run = finish(world, run)
    return delivered(
        world, run, note=f"{taken} spans of the first job by the collector, then down", by="either"
    )


def wait_for_second_job(world: World, run: Run) -> None:
    import time

    deadline = time.monotonic() + pipeline.RUN_TIMEOUT_S
    while len(pipeline.job_runs(world, run)) < 2:
        if time.monotonic() > deadline:
            raise Unmet("the second job did not start")
        time.sleep(0.2)


@fault("telemetry", "DNS name of the collector missing", where=WHERE, expected=DIRECT)
def no_name(world: World) -> Finding:
    to = machine_with(world, "no-name", "http://nobody.nowhere.local:4318")
    run = pipeline.run_file(
        world, "no-name.csv", standard_file(world, "no-name"), machine=to.machine, bucket=to.bucket
    )
    return delivered(world, run, note="no such Cloud Map service", by="x-ray")
