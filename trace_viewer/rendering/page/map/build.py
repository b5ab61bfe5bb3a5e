# SPDX-License-Identifier: Apache-2.0
"""Which services a trace went through, what they called, and how many rows flowed between them."""

from __future__ import annotations

from trace_viewer.model.document import Node
from trace_viewer.model.tree import Tree
from trace_viewer.rendering.page.map.row_flow import add_rows
from trace_viewer.rendering.page.map.services import Edge, Run, Service, ServiceMap


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
        if caller is service and service.runs:
            service.runs[-1].segments.append(node)
        else:
            service.runs.append(Run([node]))
        if caller is not None and caller is not service:
            _add_call(service_map, caller, service, _operation(node))
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
        if step.operation and (step is not node or not step.is_segment or step.inferred):
            return step.operation
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
