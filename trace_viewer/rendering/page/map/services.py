# SPDX-License-Identifier: Apache-2.0
"""The parts of a trace map: services, their runs, and the edges between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from trace_viewer.model import text
from trace_viewer.model.document import FAILURES, Node
from trace_viewer.model.row_counts import row_counts
from trace_viewer.model.spark import calls_of


@dataclass(slots=True)
class Run:
    """One run of a service: a segment, and further ones of its name directly below it."""

    segments: list[Node]

    @property
    def node(self) -> Node:
        """The outermost segment."""
        return self.segments[0]

    @property
    def start(self) -> float:
        """Epoch seconds of the first start."""
        return self.node.start

    @property
    def finish(self) -> float:
        """Epoch seconds of the last end."""
        return max(segment.finish for segment in self.segments)

    @property
    def duration(self) -> float:
        """Seconds from the first start to the last end."""
        return self.finish - self.start

    @property
    def status(self) -> str:
        """The worst state of the segments."""
        found = {segment.status for segment in self.segments}
        return next((status for status in (*FAILURES, "running", "unknown") if status in found), "ok")

    @property
    def failed(self) -> bool:
        """Whether any of the segments failed."""
        return self.status in FAILURES

    @property
    def counts(self) -> dict[str, int]:
        """The row counts of the segments."""
        return {name: count for segment in self.segments for name, count in row_counts(segment).items()}


@dataclass(slots=True)
class Service:
    """A node of the map: all segments of one name, or a place that rows come from or go to (`is_data`)."""

    name: str
    kind: str = ""
    is_data: bool = False
    runs: list[Run] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    """Further text: for rejected rows, the reasons."""
    leads_to: str = ""
    """For rows: the id of the span that counted them."""

    @property
    def newest(self) -> Run:
        """The run that started last: its state counts."""
        return max(self.runs, key=lambda run: run.start)

    @property
    def failed_runs(self) -> int:
        """Number of runs, or calls, that failed."""
        return sum(calls_of(run.node) for run in self.runs if run.failed)

    @property
    def all_runs(self) -> int:
        """Number of runs, or calls, with those that were added up when they were recorded."""
        return sum(calls_of(run.node) for run in self.runs)

    @property
    def word(self) -> str:
        """What a run is: a call, an attempt where one followed another that had failed, or a run."""
        if any(run.node.inferred or not run.node.is_segment for run in self.runs):
            return "calls"
        in_order = sorted(self.runs, key=lambda run: run.start)
        retried = any(one.failed and one.finish <= other.start for one, other in pairwise(in_order))
        return "attempts" if retried else "runs"

    @property
    def took(self) -> str:
        """How long it took: the only run, or the middle and the longest of several."""
        if self.newest.status in ("running", "unknown"):
            return {"running": "running", "unknown": "end unknown"}[self.newest.status]
        durations = [run.duration for run in self.runs]
        if len(durations) == 1 or self.word == "attempts":
            return text.duration(self.newest.duration)
        return f"{text.duration(median(durations))}, max {text.duration(max(durations))}"

    @property
    def counting(self) -> Run | None:
        """The newest run that counted rows."""
        return max((run for run in self.runs if run.counts), key=lambda run: run.start, default=None)

    @property
    def counts(self) -> dict[str, int]:
        """Row counts of the newest run that has any."""
        return self.counting.counts if self.counting else {}


@dataclass(slots=True)
class Edge:
    """A call (`rows` is None) or a flow of rows, in the direction of the flow."""

    source: Service
    target: Service
    label: str = ""
    calls: int = 1
    others: set[str] = field(default_factory=set)
    """Further operations than the one of the label."""
    rows: int | None = None
    mismatch: bool = False
    """The target read another number of rows than the source handed over."""


@dataclass(slots=True)
class ServiceMap:
    """The services in order of first appearance, and the edges between them."""

    services: list[Service] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    left_out: int = 0
    """Number of services that are not drawn."""
    is_well: bool = False
    """No failure decided the trace: what failed was tried again, or its caller went on."""
