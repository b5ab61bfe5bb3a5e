# SPDX-License-Identifier: Apache-2.0
"""Rows along the edges of a trace map: read, handed on to the next job, dropped, rejected."""

from __future__ import annotations

from trace_viewer.model.row_counts import main_outcome, rejected_by_reason, row_word
from trace_viewer.rendering.page.map.services import Edge, Service, ServiceMap
from xray_common.conventions import ROWS_READ, ROWS_REJECTED

CLOCK_SKEW = 0.1  # seconds by which a follower may seem to start too early
COUNTING_SHOWN = 6  # services whose rows are drawn as a flow; more would hide the map


def add_rows(service_map: ServiceMap) -> None:
    """Add where rows came from and went, for every service whose annotations count them."""
    counting = [service for service in service_map.services if service.counts]
    if len(counting) > COUNTING_SHOWN:
        return
    sources = {id(service): _source_of_rows(service, counting) for service in counting}
    for service in counting:
        source = sources[id(service)]
        if source:
            service_map.edges.append(_handover(source, service))
        elif service.counts.get(ROWS_READ):
            _add_data(service_map, service, ROWS_READ, incoming=True)
        handed_on = any(other is service for other in sources.values())
        only_reads = source is not None and ROWS_READ not in service.counts
        stays = {ROWS_READ, *([main_outcome(service.counts)] if handed_on or only_reads else ())}
        for name, count in service.counts.items():
            if count and name not in stays:
                _add_data(service_map, service, name, incoming=False)


def _handover(source: Service, service: Service) -> Edge:
    handed, read = _rows_out(source), _rows_in(service)
    label = _rows(read) if handed == read else f"{handed:,} → {_rows(read)}"
    return Edge(source, service, label, rows=read, mismatch=handed != read)


def _rows_out(service: Service) -> int:
    """Return the rows of the main outcome."""
    return service.counts.get(main_outcome(service.counts) or "", 0)


def _rows_in(service: Service) -> int:
    """Return the rows that a follower took: what it read, else what it counted as its main outcome."""
    return service.counts.get(ROWS_READ, _rows_out(service))


def _source_of_rows(service: Service, counting: list[Service]) -> Service | None:
    """Return the service that handed its rows on: the last to end before this one started."""
    if ROWS_READ not in service.counts and not main_outcome(service.counts):
        return None
    before = [
        other
        for other in counting
        if other is not service
        and main_outcome(other.counts)
        and other.newest.finish <= service.newest.start + CLOCK_SKEW
    ]
    return max(before, key=lambda other: other.newest.finish, default=None)


def _add_data(service_map: ServiceMap, service: Service, name: str, *, incoming: bool) -> None:
    rows = service.counts[name]
    place = Service(f"{_rows(rows)} {row_word(name)}", is_data=True)
    if name == ROWS_REJECTED and service.counting:
        reasons = [rejected_by_reason(segment) for segment in service.counting.segments]
        place.lines = [f"{count:,} {reason}" for found in reasons for reason, count in found.items()]
    place.leads_to = service.newest.node.id if service.counting is None else service.counting.node.id
    source, target = (place, service) if incoming else (service, place)
    service_map.services.append(place)
    service_map.edges.append(Edge(source, target, rows=rows))


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"
