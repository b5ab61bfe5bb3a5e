# SPDX-License-Identifier: Apache-2.0
"""The drawing of a plan, from one answer of the JVM."""

from __future__ import annotations

from xray_helper.spark.status_store.store import PlanRecords


def test_the_operators_of_a_cluster_stand_in_front_of_it() -> None:
    """As ``SparkPlanGraph.allNodes`` lists them: ``case cluster => cluster.nodes :+ cluster``."""
    cluster = {"id": 1, "name": "WholeStageCodegen (1)", "nodes": [{"id": 2}, {"id": 3}]}
    graph = {"nodes": [{"id": 0}, cluster, {"id": 4}], "edges": [{"fromId": 2, "toId": 0}]}
    found = PlanRecords.of(graph, {"7": "1,234"})
    assert [node["id"] for node in found.nodes] == [0, 2, 3, 1, 4]
    assert (found.edges, found.values) == ([{"fromId": 2, "toId": 0}], {"7": "1,234"})
