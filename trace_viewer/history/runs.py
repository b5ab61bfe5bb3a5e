# SPDX-License-Identifier: Apache-2.0
"""A run: the line that a list of runs has of a trace, and its steps for comparisons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from trace_viewer.history.steps import Step, steps_of
from trace_viewer.model.document import STATE_MACHINE, Node
from trace_viewer.model.names import short_name
from trace_viewer.model.row_counts import rejected_by_reason, row_counts
from trace_viewer.model.trace import Trace
from trace_viewer.model.tree import Tree
from xray_common.conventions import JOB_NAME, ROWS_READ, ROWS_REJECTED
from xray_common.findings.finding import INFO

OK = "ok"
MOST_REASONS = 50  # of rejection; a job may make one up for each row
_REASON_CHARS = 80
_ASIDE = ("steps", "rejected_by_reason")


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a pipeline. Times are epoch seconds; None is "not measured".

    Attributes
    ----------
    pipeline
        The state machine, or the jobs where there is none: what makes two runs comparable.
    state
        `ok`, `failed` or `running`.
    rows, rejected, rejected_by_reason
        Rows that the first job read, and those that all jobs rejected; why, for the most frequent reasons.
    usd, finding
        What it cost, and the kind of its worst finding.
    """

    id: str
    pipeline: str
    jobs: tuple[str, ...]
    start: float
    state: str
    seconds: float
    rows: int | None = None
    rejected: int | None = None
    usd: float | None = None
    finding: str | None = None
    steps: tuple[Step, ...] = ()
    rejected_by_reason: Mapping[str, int] = field(default_factory=dict)

    @property
    def end(self) -> float:
        """When it ended, or when it was last heard of."""
        return self.start + self.seconds

    @property
    def rejected_share(self) -> float | None:
        """The rejected rows among those read, 0 to 1."""
        return self.rejected / self.rows if self.rows and self.rejected is not None else None

    def to_json(self) -> dict[str, Any]:
        """Return the run as `docs/schemas/runs.schema.json` has it, steps and reasons left out."""
        return {name: value for name, value in asdict(self).items() if name not in _ASIDE}


def run_of(trace: Trace) -> Run:
    """Return the run that a trace shows.

    Raises
    ------
    EmptyTraceError
        If it shows nothing.
    """
    tree = trace.tree
    jobs = _jobs(tree)
    counted = [row_counts(job) for job in jobs]
    rejected = [counts[ROWS_REJECTED] for counts in counted if ROWS_REJECTED in counts]
    return Run(
        id=trace.id,
        pipeline=_pipeline(tree, jobs),
        jobs=tuple(dict.fromkeys(short_name(job.name) for job in jobs)),
        start=tree.start,
        state=tree.status,
        seconds=tree.duration,
        rows=next((counts[ROWS_READ] for counts in counted if ROWS_READ in counts), None),
        rejected=sum(rejected) if rejected else None,
        usd=trace.cost.usd if trace.cost else None,
        finding=_worst_finding(trace),
        steps=tuple(steps_of(tree)),
        rejected_by_reason=_reasons(jobs),
    )


def from_json(fields: Mapping[str, Any]) -> Run:
    """Return the run that `asdict` took apart; raises TypeError, ValueError, KeyError for anything else."""
    steps = (
        Step(
            place=tuple(step["place"]),
            seconds=step["seconds"],
            facts=step["facts"],
            again=tuple(step["again"]),
            plans=tuple(step["plans"]),
        )
        for step in fields["steps"]
    )
    return Run(**{**fields, "jobs": tuple(fields["jobs"]), "steps": tuple(steps)})


def _reasons(jobs: list[Node]) -> dict[str, int]:
    """Return the rows that all jobs rejected by reason, the most frequent reasons."""
    found: Counter[str] = Counter()
    for job in jobs:
        found.update({why[:_REASON_CHARS]: rows for why, rows in rejected_by_reason(job).items()})
    return dict(found.most_common(MOST_REASONS))


def _jobs(tree: Tree) -> list[Node]:
    """Return the segments that call themselves a job, else the innermost ones; the last attempt of each."""
    sent = [node for node in tree.nodes if node.is_segment and not node.inferred]
    named = [node for node in sent if JOB_NAME in node.annotations]
    callers = {id(_caller(node)) for node in sent}
    innermost = [node for node in sent if id(node) not in callers]
    attempts = {node.name: node for node in named or innermost}
    return sorted(attempts.values(), key=lambda node: node.start)


def _caller(node: Node) -> Node | None:
    """Return the nearest segment above that was sent."""
    above = node.parent
    while above and (not above.is_segment or above.inferred):
        above = above.parent
    return above


def _worst_finding(trace: Trace) -> str | None:
    """Return the kind of the worst finding that is more than information."""
    return next((found.kind for found in trace.findings.found if found.severity != INFO), None)


def _pipeline(tree: Tree, jobs: list[Node]) -> str:
    machine = next((node for node in tree.nodes if node.origin == STATE_MACHINE), None)
    return short_name(machine.name) if machine else " + ".join(short_name(job.name) for job in jobs)
