# SPDX-License-Identifier: Apache-2.0
"""The service graph: one node per service, one edge per caller and callee, with counts and times."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from local_cloud.xray.traces.assembly import end_time, walk
from local_cloud.xray.traces.documents import Document
from local_cloud.xray.traces.store import Trace
from local_cloud.xray.traces.summaries import roots, service_id

Key = tuple[str, str]


def services(traces: Iterable[Trace]) -> list[dict[str, Any]]:
    """Return the nodes of all traces with their edges; who calls a root is a node of type ``client``."""
    nodes: dict[Key, _Node] = {}
    for trace in traces:
        _add_trace(nodes, trace)
    numbers = {key: number for number, key in enumerate(nodes)}
    return [node.to_api(numbers) for node in nodes.values()]


def _add_trace(nodes: dict[Key, _Node], trace: Trace) -> None:
    owners = {entity["id"]: segment for segment in trace.segments for entity in walk(segment)}
    root_ids = {segment["id"] for segment in roots(trace)}
    for segment in trace.segments:
        key = _key(segment)
        nodes.setdefault(key, _Node(service_id(segment))).add(segment, root=segment["id"] in root_ids)
        caller = owners.get(segment.get("parent_id", ""))
        if caller is None:
            caller = {**segment, "origin": "client"}
            nodes.setdefault(_key(caller), _Node(service_id(caller))).add(caller, root=True)
        if _key(caller) != key:
            nodes.setdefault(_key(caller), _Node(service_id(caller))).calls(key, segment)


def _key(segment: Document) -> Key:
    return segment["name"], str(service_id(segment).get("Type"))


class _Statistics:
    """Counts and times of the requests of a node or an edge."""

    def __init__(self) -> None:
        self.ok = self.errors = self.throttles = self.faults = 0
        self.times: list[float] = []
        self.start, self.end = float("inf"), 0.0

    def add(self, segment: Document) -> None:
        end = end_time(segment)
        self.start, self.end = min(self.start, segment["start_time"]), max(self.end, end)
        self.times.append(round(end - segment["start_time"], 3))
        self.faults += bool(segment.get("fault"))
        self.throttles += bool(segment.get("throttle"))
        self.errors += bool(segment.get("error")) and not segment.get("throttle")
        self.ok += not (segment.get("fault") or segment.get("error") or segment.get("throttle"))

    def summary(self) -> dict[str, Any]:
        return {
            "OkCount": self.ok,
            "ErrorStatistics": {
                "ThrottleCount": self.throttles,
                "OtherCount": self.errors,
                "TotalCount": self.throttles + self.errors,
            },
            "FaultStatistics": {"OtherCount": self.faults, "TotalCount": self.faults},
            "TotalCount": len(self.times),
            "TotalResponseTime": round(sum(self.times), 3),
        }

    def histogram(self) -> list[dict[str, Any]]:
        return [{"Value": value, "Count": self.times.count(value)} for value in sorted(set(self.times))]


class _Node(_Statistics):
    """A service and the services that it calls."""

    def __init__(self, identity: dict[str, Any]) -> None:
        super().__init__()
        self.identity = identity
        self.root = False
        self.edges: dict[Key, _Statistics] = {}

    def add(self, segment: Document, *, root: bool = False) -> None:
        super().add(segment)
        self.root = self.root or root

    def calls(self, callee: Key, segment: Document) -> None:
        self.edges.setdefault(callee, _Statistics()).add(segment)

    def to_api(self, numbers: dict[Key, int]) -> dict[str, Any]:
        key = self.identity["Name"], str(self.identity.get("Type"))
        return {
            "ReferenceId": numbers[key],
            **self.identity,
            "Root": self.root,
            "State": "active",
            "StartTime": self.start,
            "EndTime": self.end,
            "Edges": [
                {
                    "ReferenceId": numbers[callee],
                    "StartTime": edge.start,
                    "EndTime": edge.end,
                    "SummaryStatistics": edge.summary(),
                    "ResponseTimeHistogram": edge.histogram(),
                    "Aliases": [],
                }
                for callee, edge in self.edges.items()
            ],
            "SummaryStatistics": self.summary(),
            "DurationHistogram": self.histogram(),
            "ResponseTimeHistogram": self.histogram(),
        }
