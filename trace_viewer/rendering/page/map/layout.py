# SPDX-License-Identifier: Apache-2.0
"""Places the services of a map from left to right: layers by longest path, few crossings, no overlaps.

The method is Sugiyama's, at the size of a trace: layer, add a placeholder wherever an edge passes a layer,
order each layer by the mean position of its neighbours, then stack.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from trace_viewer.rendering.page.map.services import Edge, Service, ServiceMap

WIDTH, HEIGHT, DATA_HEIGHT, LINE_HEIGHT = 206, 68, 26, 15  # pixels of a node, of a data node, of its lines
GAP_X, GAP_Y, MARGIN = 112, 16, 10  # pixels between nodes, and around the map
TIP = 8  # pixels of an arrowhead, which no label covers
LINES_SHOWN = 4  # reasons listed at a data node
SWEEPS = 4
TALL = 620  # pixels from which the map scrolls in itself


@dataclass(slots=True, eq=False)
class Box:
    """A placed node; `service` is None for a placeholder that an edge passes through."""

    service: Service | None
    layer: int
    height: int
    y: float = 0.0
    before: list[Box] = field(default_factory=list)
    after: list[Box] = field(default_factory=list)

    @property
    def x(self) -> int:
        """Left side, in pixels."""
        return MARGIN + self.layer * (WIDTH + GAP_X)

    @property
    def middle(self) -> float:
        """Vertical middle, in pixels."""
        return self.y + self.height / 2


@dataclass(slots=True)
class Layout:
    """Boxes and edge paths (SVG path data, with the place of the label), in pixels."""

    boxes: list[Box]
    edges: list[tuple[Edge, str, float, float]]
    width: float
    height: float
    left_out: int = 0
    is_well: bool = False


def place(service_map: ServiceMap) -> Layout:
    """Lay a map out."""
    boxes = _boxes(service_map)
    routes = _routes(service_map, boxes)
    layers = _layers([box for _, route in routes for box in route], list(boxes.values()))
    _order(layers)
    _stack(layers)
    everything = [box for layer in layers for box in layer]
    top = min((box.y for box in everything), default=0.0)
    for box in everything:
        box.y += MARGIN - top
    return Layout(
        boxes=[box for box in everything if box.service],
        edges=[(edge, *_path(route)) for edge, route in routes],
        width=max((box.x + WIDTH for box in everything), default=0) + MARGIN,
        height=max((box.y + box.height for box in everything), default=0.0) + MARGIN,
        left_out=service_map.left_out,
        is_well=service_map.is_well,
    )


def _boxes(service_map: ServiceMap) -> dict[int, Box]:
    position = {id(service): index for index, service in enumerate(service_map.services)}
    layer = dict.fromkeys(position, 0)
    forward = [edge for edge in service_map.edges if _is_forward(edge, position)]
    for _ in service_map.services:  # longest path; forward edges have no cycles, so this settles
        moved = False
        for edge in forward:
            if layer[id(edge.target)] <= layer[id(edge.source)]:
                layer[id(edge.target)], moved = layer[id(edge.source)] + 1, True
        if not moved:
            break
    for edge in forward:  # a source of rows stands just before its reader
        if edge.source.is_data:
            layer[id(edge.source)] = layer[id(edge.target)] - 1
    shift = min(layer.values(), default=0)
    return {key: Box(service, layer[key] - shift, _height(service)) for key, service in _by_id(service_map)}


def _is_forward(edge: Edge, position: dict[int, int]) -> bool:
    """Services appear callers first: an edge to an earlier one closes a cycle. Data nodes never do."""
    either_is_data = edge.source.is_data or edge.target.is_data
    return either_is_data or position[id(edge.source)] < position[id(edge.target)]


def _by_id(service_map: ServiceMap) -> list[tuple[int, Service]]:
    return [(id(service), service) for service in service_map.services]


def _height(service: Service) -> int:
    if not service.is_data:
        return HEIGHT
    shown = lines_shown(service)
    lines = shown + (shown < len(service.lines))
    return DATA_HEIGHT + LINE_HEIGHT * lines + (6 if lines else 0)


def lines_shown(service: Service) -> int:
    """Return how many lines of a data node are drawn: all, or some and a line that counts the others."""
    return len(service.lines) if len(service.lines) <= LINES_SHOWN + 1 else LINES_SHOWN


def _routes(service_map: ServiceMap, boxes: dict[int, Box]) -> list[tuple[Edge, list[Box]]]:
    """Return every edge with the boxes it runs through, placeholders included."""
    routes = []
    for edge in service_map.edges:
        source, target = boxes[id(edge.source)], boxes[id(edge.target)]
        between = [Box(None, layer, 8) for layer in range(source.layer + 1, target.layer)]
        route = [source, *between, target]
        if source.layer < target.layer:
            for left, right in pairwise(route):
                left.after.append(right)
                right.before.append(left)
        routes.append((edge, route))
    return routes


def _layers(routed: list[Box], boxes: list[Box]) -> list[list[Box]]:
    layers: list[list[Box]] = [[] for _ in range(max((box.layer for box in boxes), default=-1) + 1)]
    placeholders = [box for box in routed if box.service is None]
    for box in placeholders + boxes:
        layers[box.layer].append(box)
    return layers


def _order(layers: list[list[Box]]) -> None:
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        for layer in layers if forward else reversed(layers):
            rank = {id(box): index for row in layers for index, box in enumerate(row)}
            means = {}
            for box in layer:
                neighbours = box.before if forward else box.after
                ranks = [rank[id(other)] for other in neighbours] or [rank[id(box)]]
                means[id(box)] = sum(ranks) / len(ranks)
            # Rows that leave the flow hang below what goes on.
            layer.sort(key=lambda box: (box.service is not None and box.service.is_data, means[id(box)]))


def _stack(layers: list[list[Box]]) -> None:
    """Put every box beside its callers where there is room, else below the box above it."""
    for layer in layers:
        bottom = float("-inf")
        for box in layer:
            callers = [other.middle for other in box.before if other.service and not other.service.is_data]
            wanted = (callers[0] if callers else HEIGHT / 2) - box.height / 2
            box.y = max(wanted, bottom + GAP_Y)
            bottom = box.y + box.height


def _path(route: list[Box]) -> tuple[str, float, float]:
    """Return SVG path data from the right of the first box to the left of the last, and a label place."""
    first, last = route[0], route[-1]
    if last.layer <= first.layer:  # a cycle: an arc back over the top
        x1, x2, top = first.x + WIDTH / 2, last.x + WIDTH / 2, min(first.y, last.y) - 24
        return f"M{x1:g} {first.y:g}C{x1:g} {top:g} {x2:g} {top:g} {x2:g} {last.y:g}", (x1 + x2) / 2, top + 12
    commands = [f"M{first.x + WIDTH} {first.middle:g}"]
    for left, right in pairwise(route):
        x1, x2 = left.x + WIDTH, right.x
        bend = (x1 + x2) / 2
        commands.append(f"C{bend:g} {left.middle:g} {bend:g} {right.middle:g} {x2} {right.middle:g}")
        if right is not last:
            commands.append(f"H{right.x + WIDTH}")
    if len(route) > 2:
        passed = route[len(route) // 2]
        return "".join(commands), passed.x + WIDTH / 2, passed.middle
    left, right = first, last
    return "".join(commands), (left.x + WIDTH + right.x - TIP) / 2, (left.middle + right.middle) / 2
