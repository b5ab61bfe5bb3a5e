# SPDX-License-Identifier: Apache-2.0
"""The operators of an execution's final plan as a graph, with the numbers that Spark shows for them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from xray_helper.spark.status_store.records import Record

_SIZE: Final = re.compile(r"([\d.,]+) ([KMGTPE]i)?B\b")
_POWERS: Final = {"": 0, "Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_CODEGEN: Final = "WholeStageCodegen"
# Comes and goes with the sizes of one run.
_OF_ONE_RUN: Final = frozenset({"AQEShuffleRead", "AdaptiveSparkPlan"})
_NUMBERS: Final = re.compile(r"#\d+L?|plan_id=\d+")
_MAX_DEPTH: Final = 1_000


class PlanGraph:
    r"""Operators and what feeds them.

    Parameters
    ----------
    nodes, edges
        ``SparkPlanGraphNode``, ``SparkPlanGraphEdge``: from an operator to the one above it.
    values
        Id of a metric -> its text, such as ``1,234`` or ``total (min, med, max)\n13.4 KiB (...)``.
    """

    def __init__(self, nodes: Sequence[Record], edges: Sequence[Record], values: Mapping[str, str]) -> None:
        self.nodes = [node for node in nodes if not node["name"].startswith(_CODEGEN)]
        self._by_id = {node["id"]: node for node in self.nodes}
        self._values = values
        self._below: dict[int, list[int]] = {}
        for edge in edges:
            self._below.setdefault(edge["toId"], []).append(edge["fromId"])
        self._fed = {edge["fromId"] for edge in edges}

    def below(self, node: Record) -> list[Record]:
        """List what feeds an operator, the left side of a join first."""
        return [self._by_id[number] for number in self._below.get(node["id"], ()) if number in self._by_id]

    def count(self, node: Record, metric: str) -> int | None:
        """Read a number; None where the operator did not run."""
        text = self._text(node, metric)
        return int(text.replace(",", "")) if text and text.replace(",", "").isdigit() else None

    def bytes(self, node: Record, metric: str) -> int | None:
        """Read a size; Spark rounds it to a tenth of its unit. None where the operator did not run."""
        text = self._text(node, metric)
        found = _SIZE.search(text.splitlines()[-1]) if text else None
        return round(float(found[1].replace(",", "")) * 1024 ** _POWERS[found[2] or ""]) if found else None

    def fingerprint(self) -> str:
        """Hash the shape: names of operators and what feeds what; no literals, no sizes, no ids."""
        tops = [node for node in self.nodes if node["id"] not in self._fed]
        return _hash(word for top in tops for word in self._shape(top, with_texts=False))

    def key_below(self, node: Record) -> str:
        """Hash all that feeds an operator, with its texts: equal for equal plans of one job."""
        return _hash(word for child in self.below(node) for word in self._shape(child, with_texts=True))

    def _shape(self, top: Record, *, with_texts: bool) -> Iterator[str]:
        stack = [(top, 0)]
        while stack:
            node, depth = stack.pop()
            if node["name"] not in _OF_ONE_RUN:
                text = _NUMBERS.sub("", node["desc"]) if with_texts else node["name"].strip()
                yield f"{depth} {text}"
                depth += 1
            if depth < _MAX_DEPTH:
                stack.extend((child, depth) for child in reversed(self.below(node)))

    def _text(self, node: Record, metric: str) -> str | None:
        ids = (found["accumulatorId"] for found in node["metrics"] if found["name"] == metric)
        return next((text for number in ids if (text := self._values.get(str(number)))), None)


def _hash(words: Iterator[str]) -> str:
    digest = hashlib.sha256()
    for word in words:
        digest.update(word.encode() + b"\n")
    return digest.hexdigest()[:16]
