# SPDX-License-Identifier: Apache-2.0
"""Markers that count rows: filters that let every row pass, and that Spark does not move past anything.

``DataFrame.observe`` counts as well, but in an operator without generated code, which cuts the code around it
in two: with it the process job took 1.49 times as long (200,000 rows), with these markers 1.10 times. A
filter is generated code, and counts its rows for the Spark UI anyway. Its condition is one that Spark takes
for nondeterministic, so that it is neither combined with other filters nor moved below a join, an aggregation
or another filter (``PushPredicateThroughNonJoin``, ``PushPredicateThroughJoin``, ``CombineFilters``); below a
projection, where it goes, are the same rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from xray_helper.spark.status_store.records import Record

_NAME: Final = "xray rows "
_CONDITION: Final = re.compile(rf"SPARK_PARTITION_ID\(\).* = {_NAME}(\d+)\b")
_CACHE: Final = re.compile(r"^InMemoryTableScan|^Scan In-memory table")
_ROWS: Final = "number of output rows"  # SQLMetrics, of FilterExec


def mark(frame: Any, number: int) -> Any:
    """Put a marker on a DataFrame."""
    # The number stands in a text: Spark puts numbers into the generated code, but texts beside it, so that
    # the code is the same for all markers and is compiled once. Nothing ever evaluates the text.
    text = f"CAST(spark_partition_id() AS STRING) = '{_NAME}{number}'"
    return frame.filter(f"spark_partition_id() > -1 OR {text}")


def number_of(text: str) -> int | None:
    """Read a marker's number from the text of a condition or an operator; None where there is none.

    Examples
    --------
    >>> number_of("Filter ((SPARK_PARTITION_ID() > -1) OR (SPARK_PARTITION_ID() = xray rows 2))")
    2
    """
    found = _CONDITION.search(text)
    return int(found[1]) if found else None


@dataclass(frozen=True)
class Passed:
    """How many rows passed a marker in one execution; ``in_cache`` when it stands in the plan of a cache."""

    number: int
    rows: int
    in_cache: bool


def passed(nodes: Sequence[Record], edges: Sequence[Record], values: Mapping[str, str]) -> list[Passed]:
    """Read how many rows passed each marker of an execution's plan.

    Parameters
    ----------
    nodes, edges
        ``SparkPlanGraphNode``, ``SparkPlanGraphEdge``: from an operator to the one above it.
    values
        Id of a metric -> its text, such as ``1,234``.
    """
    above = {edge["fromId"]: edge["toId"] for edge in edges}
    by_id = {node["id"]: node for node in nodes}
    found = []
    for node in nodes:
        number = number_of(node["desc"])
        rows = _rows(node, values) if number is not None else None
        if number is not None and rows is not None:
            found.append(Passed(number, rows, _is_in_cache(node["id"], above, by_id)))
    return found


def stops_early(nodes: Iterable[Record]) -> bool:
    """Return whether a plan has a limit: then Spark stops reading when it has enough rows."""
    return any("Limit" in node["name"] for node in nodes)


def _rows(node: Record, values: Mapping[str, str]) -> int | None:
    texts = (values.get(str(m["accumulatorId"])) for m in node["metrics"] if m["name"] == _ROWS)
    text = next(texts, None)
    return int(text.replace(",", "")) if text else None


def _is_in_cache(node: int, above: Mapping[int, int], by_id: Mapping[int, Record]) -> bool:
    while node in above:
        node = above[node]
        if node in by_id and _CACHE.search(by_id[node]["name"]):
            return True
    return False
