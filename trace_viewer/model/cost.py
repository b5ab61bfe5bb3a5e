# SPDX-License-Identifier: Apache-2.0
"""What a run, its jobs and their steps cost, and what cores cost that had nothing to do.

Glue bills each run for its workers' processing units, by the second: also a run that failed, and each
attempt. ``GetJobRun`` tells what it bills; without its answer the trace tells less: when a job's own clock
began, which is after Glue's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trace_viewer.model.billing import SHELL, billed, idle, measured, run_id
from trace_viewer.model.document import STATE_MACHINE, Node
from trace_viewer.model.prices import (
    SECONDS_PER_HOUR,
    STATE_TRANSITION,
    TRACE_RECORDED,
    prices_of,
    spark_of,
)
from trace_viewer.model.tree import Tree
from xray_common import conventions as names
from xray_common.walk import preorder

JobRuns = Mapping[str, Mapping[str, Any]]
"""Answers of ``GetJobRun`` (its ``JobRun``), by the run's id."""


@dataclass(frozen=True)
class JobCost:
    """What one run of a job cost.

    Parameters
    ----------
    dpu_seconds
        What Glue bills.
    usd_per_dpu_hour
        The price of that.
    seconds
        How long the run is billed.
    is_exact
        Whether Glue has told it; else it is what the job's own clock shows: a little less.
    idle_dpu_seconds
        The part of the executors' cores that ran no task; None where that was not measured.
    """

    node: Node
    workers: str
    dpu_seconds: float
    usd_per_dpu_hour: float
    seconds: float
    is_exact: bool
    idle_dpu_seconds: float | None = None

    @property
    def usd(self) -> float:
        """US dollars."""
        return self._usd(self.dpu_seconds)

    @property
    def idle_usd(self) -> float | None:
        """What the cores cost that ran no task."""
        return None if self.idle_dpu_seconds is None else self._usd(self.idle_dpu_seconds)

    def part_usd(self, seconds: float) -> float:
        """Return what so many seconds of the run cost."""
        return self.usd * min(1.0, seconds / self.seconds) if self.seconds else 0.0

    def _usd(self, dpu_seconds: float) -> float:
        return dpu_seconds / SECONDS_PER_HOUR * self.usd_per_dpu_hour


@dataclass(frozen=True)
class RunCost:
    """What a trace cost: its jobs, and shares of other services by name, US dollars."""

    jobs: tuple[JobCost, ...]
    shares: Mapping[str, float]
    unknown: int = 0
    """Jobs of which it is not known, or not yet: they still run."""

    @property
    def usd(self) -> float:
        """The sum of all that is known."""
        return sum(job.usd for job in self.jobs) + sum(self.shares.values())

    @property
    def idle_usd(self) -> float:
        """What idle cores cost, where that was measured."""
        return sum(job.idle_usd or 0.0 for job in self.jobs)

    @property
    def is_exact(self) -> bool:
        """Whether Glue has told all of it."""
        return not self.unknown and all(job.is_exact for job in self.jobs)

    def part_usd(self, segment_id: str, seconds: float) -> float | None:
        """Return what so many seconds of the job with this segment cost; None where that is not known."""
        found = next((job for job in self.jobs if job.node.id == segment_id), None)
        return found.part_usd(seconds) if found else None


def run_cost(tree: Tree, runs: JobRuns | None = None) -> RunCost | None:
    """Compute what a trace cost; None where no job says on which workers it ran.

    Parameters
    ----------
    runs
        What Glue says of the jobs' runs, where it was asked.
    """
    known = runs or {}
    jobs: dict[str, JobCost] = {}
    unknown: set[str] = set()
    for node in tree.segments:
        cost = _job_cost(node, known)
        if cost is not None:
            jobs.setdefault(run_id(node) or node.id, cost)  # a run is billed once, whoever shows it twice
        elif run_id(node) or names.JOB_NAME in node.annotations:
            unknown.add(run_id(node) or node.id)
    return RunCost(tuple(jobs.values()), _shares(tree), len(unknown - jobs.keys())) if jobs else None


def _job_cost(node: Node, runs: JobRuns) -> JobCost | None:
    facts = node.attributes
    run = runs.get(run_id(node), {})
    prices = prices_of(_region(node))
    if prices is None:
        return None
    spark_version = str(facts.get(names.SPARK_VERSION) or spark_of(str(run.get("GlueVersion", ""))))
    told = billed(run)
    bill = told or measured(node, facts)
    if bill is None:
        return None
    execution_class = run.get("ExecutionClass") or facts.get(names.GLUE_EXECUTION_CLASS)
    price = prices.per_hour(
        is_memory_optimized=bill.worker.is_memory_optimized,
        is_flex=execution_class == "FLEX",
        spark_version="" if bill.worker is SHELL else spark_version,
    )
    return JobCost(
        node=node,
        workers=bill.words,
        dpu_seconds=bill.dpu_seconds,
        usd_per_dpu_hour=price,
        seconds=bill.seconds,
        is_exact=told is not None,
        idle_dpu_seconds=idle(facts, bill),
    )


def _shares(tree: Tree) -> dict[str, float]:
    """Price what a trace shows of other services.

    That is the transitions of standard workflows, and the trace itself. A Lambda function's memory is in no
    trace.
    """
    machines = [node for node in tree.segments if node.origin == STATE_MACHINE]
    transitions = sum(_transitions(node) for node in machines if ":express:" not in str(node.aws))
    return {"X-Ray": TRACE_RECORDED} | (
        {"Step Functions": transitions * STATE_TRANSITION} if transitions else {}
    )


def _transitions(machine: Node) -> int:
    """Count the start, each state, those of branches too, and each retry: one more call of the same state."""
    own = list(preorder(machine, lambda node: [child for child in node.children if not child.is_segment]))
    calls = Counter(node.parent.id for node in own if node.operation and node.parent)
    return sum(not node.operation for node in own) + sum(count - 1 for count in calls.values())


def glue_runs(tree: Tree) -> Iterator[tuple[str, str]]:
    """Yield Glue's name of the job and the id of the run, for each that says both."""
    for node in tree.segments:
        job, run = node.attributes.get(names.GLUE_JOB), run_id(node)
        if job and run:
            yield str(job), run


def _region(node: Node) -> str:
    facts = node.attributes
    return str(
        node.aws.get("region")
        or facts.get("cloud.region")
        or facts.get(f"{names.RESOURCE_PREFIX}cloud.region")
        or ""
    )
