# SPDX-License-Identifier: Apache-2.0
"""Predicates of conditional triggers: which ends of jobs and crawlers they wait for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Ended = Mapping[tuple[str, str], str]  # ("job" or "crawler", name) -> state in which it ended


def is_met(predicate: Mapping[str, Any], ended: Ended) -> bool:
    """Return whether the ends are those that a predicate waits for.

    ``AND``, or a single condition without ``Logical``, wants all; ``ANY`` wants one.

    Examples
    --------
    >>> predicate = {"Conditions": [{"LogicalOperator": "EQUALS", "JobName": "clean", "State": "SUCCEEDED"}]}
    >>> is_met(predicate, {("job", "clean"): "SUCCEEDED"}), is_met(predicate, {("job", "clean"): "FAILED"})
    (True, False)
    """
    met = [ended.get(who) == state for who, state in _wanted(predicate)]
    return bool(met) and (any(met) if predicate.get("Logical") == "ANY" else all(met))


def watched(predicate: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Return the jobs and crawlers of a predicate."""
    return {who for who, _ in _wanted(predicate)}


def _wanted(predicate: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], str]]:
    for condition in predicate.get("Conditions", []):
        if condition.get("JobName"):
            yield ("job", condition["JobName"]), condition.get("State", "")
        else:
            yield ("crawler", condition.get("CrawlerName", "")), condition.get("CrawlState", "")
