# SPDX-License-Identifier: Apache-2.0
"""Which services a trace went through, what they called, and how many rows flowed between them."""

from __future__ import annotations

from dataclasses import dataclass, field

from trace_viewer.document import Node
from trace_viewer.known import ROW_COUNTS, rejected_by_reason, row_counts
from trace_viewer.model import Tree

CLOCK_SKEW = 0.1  # seconds by which a follower may seem to start too early
COUNTING_SHOWN = 6  # services whose rows are drawn as a flow; more would hide the map
SINKS = ("rows_duplicate", "rows_rejected")  # rows that leave the flow


@dataclass(slots=True)
class Service:
    """A node of the map: all segments of one name, or a place that rows come from or go to (`is_data`)."""

    name: str
    kind: str = ""
    is_data: bool = False
    runs: list[Node] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    """Further text: for rejected rows, the reasons."""

    @property
    def newest(self) -> Node:
        """The run that started last, the one whose state and rows count."""
        return max(self.runs, key=lambda node: node.start)

    @property
    def failed_runs(self) -> int:
        """Number of runs that failed."""
        return sum(1 for node in self.runs if node.failure)

    @property
    def counts(self) -> dict[str, int]:
        """Row counts of the newest run that has any."""
        known = [
            counts for node in sorted(self.runs, key=lambda node: node.start) if (counts := row_counts(node))
        ]
        return known[-1] if known else {}


@dataclass(slots=True)
class Edge:
    """A call (`rows` is None) or a flow of rows, in the direction of the flow."""

    source: Service
    target: Service
    label: str = ""
    calls: int = 1
    rows: int | None = None
    mismatch: bool = False
    """The target read another number of rows than the source handed over."""


@dataclass(slots=True)
class ServiceMap:
    """The services in order of first appearance, and the edges between them."""

    services: list[Service] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)


def build_map(tree: Tree) -> ServiceMap:
    """Derive the map of a trace.

    A segment that bears its caller's name is the same service (AWS Lambda sends two per invocation), and an
    inferred segment with a real one below it is the call itself, not a service.
    """
    service_map = ServiceMap()
    places: dict[str, Service] = {}
    for node in tree.nodes:
        if not _is_place(node):
            continue
        caller = _caller(node, places)
        service = _service(service_map, node, caller)
        places[node.id] = service
        if caller is None or caller.name != node.name:
            service.runs.append(node)
        if caller is not None and caller is not service:
            _add_call(service_map, caller, service, _operation(node))
    _add_rows(service_map)
    return service_map


def _is_place(node: Node) -> bool:
    """Say whether a node is a service: a segment, or a call to one that nobody sent or inferred."""
    if node.is_segment:
        return not (node.inferred and any(child.is_segment for child in node.children))
    return node.namespace in ("aws", "remote") and not any(child.is_segment for child in node.children)


def _caller(node: Node, places: dict[str, Service]) -> Service | None:
    above = node.parent
    while above and above.id not in places:
        above = above.parent
    return places[above.id] if above else None


def _service(service_map: ServiceMap, node: Node, caller: Service | None) -> Service:
    if caller is not None and caller.name == node.name and node.is_segment:
        caller.kind = node.kind or caller.kind
        return caller
    kind = node.kind
    if not kind and node.parent and node.parent.inferred:
        kind = node.parent.kind  # an inferred segment knows which service was called
    for service in service_map.services:
        if service.name == node.name and (service.kind == kind or not kind):
            return service
    service = Service(node.name, kind)
    service_map.services.append(service)
    return service


def _operation(node: Node) -> str:
    """Return the AWS operation that led to a node: its own, or that of the call above it."""
    step: Node | None = node
    while step:
        aws = step.details.get("aws")
        if (
            (step is not node or not step.is_segment or step.inferred)
            and isinstance(aws, dict)
            and aws.get("operation")
        ):
            return str(aws["operation"])
        if step is not node and step.is_segment and not step.inferred:
            return ""
        step = step.parent
    return ""


def _add_call(service_map: ServiceMap, source: Service, target: Service, label: str) -> None:
    for edge in service_map.edges:
        if edge.source is source and edge.target is target:
            edge.calls += 1
            return
    service_map.edges.append(Edge(source, target, label))


def _add_rows(service_map: ServiceMap) -> None:
    """Add where rows came from and went, for every service whose annotations count them."""
    counting = [service for service in service_map.services if service.counts]
    if len(counting) > COUNTING_SHOWN:
        return
    for service in counting:
        counts = service.counts
        source = _source_of_rows(service, counting)
        if source and "rows_read" in counts:
            handed, read = source.counts["rows_clean"], counts["rows_read"]
            label = f"{read:,} rows" if handed == read else f"{handed:,} → {read:,} rows"
            service_map.edges.append(Edge(source, service, label, rows=read, mismatch=handed != read))
        elif counts.get("rows_read"):
            _add_data(service_map, service, "rows_read", incoming=True)
        followed = any(_source_of_rows(other, counting) is service for other in counting)
        for name in (*(() if followed else ("rows_clean",)), *SINKS):
            if counts.get(name):
                _add_data(service_map, service, name, incoming=False)


def _source_of_rows(service: Service, counting: list[Service]) -> Service | None:
    """Return the service that handed its clean rows on: the last to end before this one started."""
    before = [
        other
        for other in counting
        if other is not service
        and "rows_clean" in other.counts
        and other.newest.finish <= service.newest.start + CLOCK_SKEW
    ]
    return max(before, key=lambda other: other.newest.finish, default=None)


def _add_data(service_map: ServiceMap, service: Service, name: str, *, incoming: bool) -> None:
    rows = service.counts[name]
    place = Service(f"{rows:,} rows {ROW_COUNTS[name]}", is_data=True)
    if name == "rows_rejected":
        run = next(node for node in sorted(service.runs, key=lambda node: -node.start) if row_counts(node))
        place.lines = [f"{count:,} {reason}" for reason, count in rejected_by_reason(run).items()]
    source, target = (place, service) if incoming else (service, place)
    service_map.services.append(place)
    service_map.edges.append(Edge(source, target, rows=rows))
