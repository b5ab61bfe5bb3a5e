# SPDX-License-Identifier: Apache-2.0
"""Rows along the edges of a trace map: read, handed on, given up as duplicates, rejected."""

from __future__ import annotations

from trace_viewer.model.row_counts import ROW_COUNTS, rejected_by_reason
from trace_viewer.rendering.page.map.services import Edge, Service, ServiceMap

CLOCK_SKEW = 0.1  # seconds by which a follower may seem to start too early
COUNTING_SHOWN = 6  # services whose rows are drawn as a flow; more would hide the map
SINKS = ("rows_duplicate", "rows_rejected")  # rows that leave the flow


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
        elif service.counts.get("rows_read"):
            _add_data(service_map, service, "rows_read", incoming=True)
        handed_on = any(other is service for other in sources.values())
        only_reads = source is not None and "rows_read" not in service.counts
        for name in SINKS if handed_on or only_reads else ("rows_clean", *SINKS):
            if service.counts.get(name):
                _add_data(service_map, service, name, incoming=False)


def _handover(source: Service, service: Service) -> Edge:
    handed, read = source.counts["rows_clean"], _rows_in(service)
    label = _rows(read) if handed == read else f"{handed:,} → {_rows(read)}"
    return Edge(source, service, label, rows=read, mismatch=handed != read)


def _rows_in(service: Service) -> int:
    """Return the rows that a follower took: what it says it read, else the clean rows that it counted."""
    return service.counts.get("rows_read", service.counts.get("rows_clean", 0))


def _source_of_rows(service: Service, counting: list[Service]) -> Service | None:
    """Return the service that handed its clean rows on: the last to end before this one started."""
    if not service.counts.keys() & {"rows_read", "rows_clean"}:
        return None
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
    place = Service(f"{_rows(rows)} {ROW_COUNTS[name]}", is_data=True)
    if name == "rows_rejected" and service.counting:
        reasons = [rejected_by_reason(segment) for segment in service.counting.segments]
        place.lines = [f"{count:,} {reason}" for found in reasons for reason, count in found.items()]
    source, target = (place, service) if incoming else (service, place)
    service_map.services.append(place)
    service_map.edges.append(Edge(source, target, rows=rows))


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"
