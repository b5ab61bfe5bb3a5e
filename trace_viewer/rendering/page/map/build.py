# SPDX-License-Identifier: Apache-2.0
"""Which services a trace went through, what they called, and how many rows flowed between them."""

from __future__ import annotations

from dataclasses import dataclass, field

from trace_viewer.model.document import Node
from trace_viewer.model.spark import calls_of
from trace_viewer.model.tree import Tree
from trace_viewer.rendering.page.map.row_flow import add_rows
from trace_viewer.rendering.page.map.services import Edge, Run, Service, ServiceMap

MAX_SERVICES = 60  # drawn; a map of more is no help, and its layout takes long


def build_map(tree: Tree) -> ServiceMap:
    """Derive the map of a trace.

    A segment that bears its caller's name is the same service (AWS Lambda sends two per invocation), and an
    inferred segment with a real one below it is the call itself, not a service.
    """
    service_map, finder = ServiceMap(is_well=tree.failure is None), _Finder()
    places: dict[str, Service] = {}
    for node in tree.nodes:
        if not _is_place(node):
            continue
        caller = _caller(node, places)
        service = finder.service(service_map, node, caller)
        places[node.id] = service
        if caller is service and service.runs:
            service.runs[-1].segments.append(node)
        else:
            service.runs.append(Run([node]))
        if caller is not None and caller is not service:
            finder.add_call(service_map, caller, service, node)
    _limit(service_map)
    add_rows(service_map)
    return service_map


def _is_place(node: Node) -> bool:
    """Return whether a node is a service: a segment, or a call to one that nobody sent or inferred."""
    if node.is_segment:
        return not (node.inferred and any(child.is_segment for child in node.children))
    return node.namespace in ("aws", "remote") and not any(child.is_segment for child in node.children)


def _caller(node: Node, places: dict[str, Service]) -> Service | None:
    above = node.parent
    while above and above.id not in places:
        above = above.parent
    return places[above.id] if above else None


def _operation(node: Node) -> str:
    """Return the AWS operation that led to a node: its own, or that of the call above it."""
    step: Node | None = node
    while step:
        if step.operation and (step is not node or not step.is_segment or step.inferred):
            return step.operation
        if step is not node and step.is_segment and not step.inferred:
            return ""
        step = step.parent
    return ""


@dataclass(slots=True)
class _Finder:
    """What is in the map already, by name and by ends: a trace may have thousands of services."""

    by_name: dict[str, list[Service]] = field(default_factory=dict)
    by_ends: dict[tuple[int, int], Edge] = field(default_factory=dict)

    def service(self, service_map: ServiceMap, node: Node, caller: Service | None) -> Service:
        """Return the service of a node, a new one where there is none."""
        if caller is not None and caller.name == node.name and node.is_segment:
            caller.kind = node.kind or caller.kind
            return caller
        kind = node.kind
        if not kind and node.parent and node.parent.inferred:
            kind = node.parent.kind  # an inferred segment knows which service was called
        known = self.by_name.setdefault(node.name, [])
        found = next((service for service in known if service.kind == kind or not kind), None)
        if found is None:
            found = Service(node.name, kind)
            known.append(found)
            service_map.services.append(found)
        return found

    def add_call(self, service_map: ServiceMap, source: Service, target: Service, node: Node) -> None:
        """Count a call, or those that its span stands for."""
        label = _operation(node)
        edge = self.by_ends.get((id(source), id(target)))
        if edge is None:
            edge = self.by_ends[id(source), id(target)] = Edge(source, target, label, calls=0)
            service_map.edges.append(edge)
        edge.calls += calls_of(node)
        edge.others |= {label} - {edge.label, ""}


def _limit(service_map: ServiceMap) -> None:
    """Keep the services that a person looks for, where a map of all would show nothing."""
    services = service_map.services
    if len(services) <= MAX_SERVICES:
        return
    ranked = sorted(services, key=lambda one: (not one.failed_runs, not one.counts, -one.newest.duration))
    kept = {id(service) for service in ranked[:MAX_SERVICES]}
    service_map.left_out = len(services) - MAX_SERVICES
    service_map.services = [service for service in services if id(service) in kept]
    service_map.edges = [
        edge for edge in service_map.edges if id(edge.source) in kept and id(edge.target) in kept
    ]
