# SPDX-License-Identifier: Apache-2.0
"""What a plan did that is worth a number: files, joins, broadcasts, Python."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from xray_common import conventions as names
from xray_helper.spark.spans.plan_graph import PlanGraph
from xray_helper.spark.status_store.records import Record

_ROWS: Final = "number of output rows"
_MAX_NAMES: Final = 3
_MAX_CHARS: Final = 60
_PYTHON: Final = re.compile(r"Python|InPandas|InArrow")
_LOCATION: Final = re.compile(r"Location: [^\[]*\[[^\]]*?([^/\],]+)/?[\],]")
_FILTERS: Final = re.compile(r"DataFilters: \[(.*?)\], (?:Format|Location)")
_NOT_NULL: Final = re.compile(r"isnotnull\([^)]*\)")
_JOIN_TYPE: Final = re.compile(r"\], (Inner|LeftOuter|RightOuter|LeftSemi|LeftAnti)\b")
# Which sides may be broadcast (JoinSelection): 0 is the left one.
_SIDES: Final = {"Inner": (0, 1), "LeftOuter": (1,), "LeftSemi": (1,), "LeftAnti": (1,), "RightOuter": (0,)}


def plan_facts(graph: PlanGraph) -> dict[str, Any]:
    """Return attributes of an execution; what was not measured is None or missing."""
    python = {node["name"].strip() for node in graph.nodes if _PYTHON.search(node["name"])}
    return {
        names.PLAN_FINGERPRINT: graph.fingerprint(),
        names.PLAN_SCAN_FILES: _sum(graph, graph.count, "number of files read"),
        names.PLAN_SCAN_BYTES: _sum(graph, graph.bytes, "size of files read"),
        names.PLAN_SCAN_PARTITIONS: _sum(graph, graph.count, "number of partitions read"),
        names.PLAN_UNFILTERED: sorted(set(_unfiltered(graph)))[:_MAX_NAMES] or None,
        names.PLAN_WRITE_FILES: _sum(graph, graph.count, "number of written files"),
        names.PLAN_WRITE_BYTES: _sum(graph, graph.bytes, "written output"),
        names.PLAN_BROADCAST_BYTES: max(_broadcasts(graph), default=None),
        names.PLAN_CROSS_ROWS: max(_crossed(graph), default=None),
        names.PLAN_PYTHON: sorted(python)[:_MAX_NAMES] or None,
        **_join_sides(graph),
    }


def _sum(graph: PlanGraph, read: Callable[[Record, str], int | None], metric: str) -> int | None:
    found = [value for node in graph.nodes if (value := read(node, metric)) is not None]
    return sum(found) if found else None


def _unfiltered(graph: PlanGraph) -> Iterator[str]:
    """Name partitioned tables that were filtered by other columns than those of their partitions."""
    for node in graph.nodes:
        if not graph.count(node, "number of partitions read") or "PartitionFilters: []" not in node["desc"]:
            continue
        filters, place = _FILTERS.search(node["desc"]), _LOCATION.search(node["desc"])
        if filters and _NOT_NULL.sub("", filters[1]).strip(" ,"):
            yield (place[1] if place else node["name"].strip())[:_MAX_CHARS]


def _broadcasts(graph: PlanGraph) -> Iterator[int]:
    for node in graph.nodes:
        size = graph.bytes(node, "data size") if node["name"] == "BroadcastExchange" else None
        if size is not None:
            yield size


def _crossed(graph: PlanGraph) -> Iterator[int]:
    """Yield how many pairs of rows a join without keys has looked at, or at least has let through."""
    for node in graph.nodes:
        if node["name"] not in ("CartesianProduct", "BroadcastNestedLoopJoin"):
            continue
        yield graph.count(node, _ROWS) or 0
        if node["name"] == "BroadcastNestedLoopJoin":
            sides = [_rows_of(graph, side) for side in graph.below(node)]
            if len(sides) == 2 and sides[0] is not None and sides[1] is not None:
                yield sides[0] * sides[1]


def _rows_of(graph: PlanGraph, node: Record) -> int | None:
    """Read how many rows come out of an operator, or of the only one below it that keeps them."""
    while (rows := graph.count(node, _ROWS)) is None:
        below = graph.below(node)
        if len(below) != 1:
            return None
        node = below[0]
    return rows


def _join_sides(graph: PlanGraph) -> dict[str, int]:
    """Return the sides of the largest sort-merge join whose small one may be broadcast."""
    best: tuple[int, int] | None = None
    for node in graph.nodes:
        kind = _JOIN_TYPE.search(node["desc"]) if node["name"].startswith("SortMergeJoin") else None
        sides = [_shuffled(graph, side) for side in graph.below(node)] if kind else []
        if kind is None or len(sides) != 2 or sides[0] is None or sides[1] is None:
            continue
        small = min(_SIDES[kind[1]], key=lambda side: sides[side] or 0)
        pair = (sides[1 - small] or 0, sides[small] or 0)
        best = max(best, pair) if best else pair
    return {names.PLAN_JOIN_LARGE: best[0], names.PLAN_JOIN_SMALL: best[1]} if best else {}


def _shuffled(graph: PlanGraph, node: Record) -> int | None:
    """Read the bytes of the exchange that feeds a side of a join."""
    while node["name"] != "Exchange":
        below = graph.below(node)
        if len(below) != 1:
            return None
        node = below[0]
    return graph.bytes(node, "data size")
