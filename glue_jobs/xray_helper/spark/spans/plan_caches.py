# SPDX-License-Identifier: Apache-2.0
"""Which caches were filled, and read by nobody after that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from xray_helper.spark.spans.plan_graph import PlanGraph

_CACHE: Final = "InMemoryTableScan"
_MAX_LATE: Final = 50  # plans of short executions, read at the end: some milliseconds each


class PlanCaches:
    """Counts the executions that each cache occurs in: one fills it, others read it."""

    def __init__(self) -> None:
        self._users: dict[str, list[int]] = {}  # an execution twice where its plan reads the cache twice
        self._unread: list[int] = []

    def add(self, execution: int, graph: PlanGraph) -> None:
        """Note the caches in the plan of an execution."""
        for node in graph.nodes:
            if node["name"].startswith(_CACHE):
                self._users.setdefault(graph.key_below(node), []).append(execution)

    def skip(self, executions: Iterable[int]) -> None:
        """Note executions whose plans were not worth reading so far."""
        self._unread.extend(executions)

    def read_once(self, read: Callable[[Iterable[int]], Mapping[int, PlanGraph]]) -> list[int]:
        """Name the executions that filled a cache which no other one has; none when that is not known.

        Parameters
        ----------
        read
            Reads the plans of executions.
        """
        if not self._users or len(self._unread) > _MAX_LATE:
            return []
        for execution, graph in read(self._unread).items():
            self.add(execution, graph)
        self._unread = []
        return sorted({users[0] for users in self._users.values() if len(users) == 1})
