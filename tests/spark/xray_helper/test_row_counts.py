# SPDX-License-Identifier: Apache-2.0
"""What the counts of several executions say together."""

from __future__ import annotations

from xray_helper.spark.row_counts.counts import RowCounts
from xray_helper.spark.row_counts.markers import Passed, passed, stops_early


def test_a_branch_that_ends_early_does_not_hide_the_whole() -> None:
    counts = RowCounts()
    counts.add([Passed(0, 7, False), Passed(0, 10, False), Passed(1, 3, False)], is_whole=True)
    counts.add([Passed(0, 9, False)], is_whole=True)
    assert counts.rows() == {0: 10, 1: 3}


def test_what_failed_or_stopped_early_counts_nothing() -> None:
    counts = RowCounts()
    counts.add([Passed(0, 7, False)], is_whole=False)
    assert counts.rows() == {}


def test_a_cache_tells_its_rows_once() -> None:
    counts = RowCounts()
    counts.add([Passed(0, 10, True)], is_whole=True)
    counts.add([Passed(0, 0, True)], is_whole=True)
    assert counts.rows() == {0: 10}


def test_a_cache_that_two_have_filled_tells_nothing() -> None:
    for first_is_whole, second in ((True, 4), (False, 4), (False, 0)):
        counts = RowCounts()
        counts.add([Passed(0, 6, True)], is_whole=first_is_whole)
        counts.add([Passed(0, second, True)], is_whole=True)
        assert counts.rows() == {}


def test_a_cache_that_may_have_been_filled_unseen_tells_nothing() -> None:
    counts = RowCounts()
    counts.add([Passed(0, 10, True)], is_whole=True)
    counts.miss()
    counts.add([Passed(1, 0, True), Passed(2, 5, False)], is_whole=True)
    assert counts.rows() == {0: 10, 2: 5}


def _text(marker: int) -> str:
    """The condition of a marker as Spark 3.5 writes it."""
    return f"((SPARK_PARTITION_ID() > -1) OR (cast(SPARK_PARTITION_ID() as string) = xray rows {marker}))"


def test_markers_are_found_in_a_plan_and_below_its_caches() -> None:
    def node(number: int, name: str, text: str, metric: str = "number of output rows") -> dict[str, object]:
        metrics = [{"name": metric, "accumulatorId": number * 10, "metricType": "sum"}]
        return {"id": number, "name": name, "desc": f"{name} {text}", "metrics": metrics}

    nodes = [
        node(1, "Filter", _text(0)),
        node(2, "InMemoryTableScan", "[id#1]"),
        node(3, "Filter", "(cast(id#1 as string) = xray rows 5)"),
        node(4, "Filter", _text(1)),
    ]
    edges = [{"fromId": number, "toId": number + 1} for number in (1, 2, 3)]
    values = {"10": "1,234,567", "20": "5", "30": "5", "40": "89"}
    assert passed(nodes, edges, values) == [Passed(0, 1_234_567, True), Passed(1, 89, False)]
    assert not stops_early(nodes)
    assert stops_early([*nodes, node(5, "CollectLimit", "3")])
