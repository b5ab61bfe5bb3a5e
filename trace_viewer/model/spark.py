# SPDX-License-Identifier: Apache-2.0
"""What Spark did, in a few words beside a name: the outcome of a lazy step, the work of a stage.

Only names that `xray_helper` writes are known here; a span without them says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from trace_viewer.model import text
from trace_viewer.model.document import Node

OUTCOME, STAGES, INTO = "spark.step.outcome", "spark.step.stages", "spark.step.inlined_into"
SKEW_SHARE = 0.25  # of a stage's duration that the longest task takes longer than the median one: large
SKEW_SECONDS = 0.5  # less is not worth a word
NAMES_SHOWN = 2  # steps named in one remark

_SPARK_NAME = re.compile(r"(Spark (?:SQL|job|stage)) \d+(?:: (\S+))?(?: at (\S+))?(.*)")
_PLACE = re.compile(r"[^/]+:\d+")  # file:line at the end of a path


def short_spark_name(name: str) -> str:
    """Return the name of a Spark span without the folders of its call site; other names as they are.

    Example
    -------
    >>> short_spark_name("Spark job 4: collect at /tmp/glue/transforms/medians.py:31")
    'Spark job 4: collect at medians.py:31'
    """
    found = _SPARK_NAME.fullmatch(name)
    if not found or not found[3]:
        return name
    place = _PLACE.fullmatch(found[3].rpartition("/")[2])
    head = name[: name.index(" at ")]
    return f"{head} at {place[0]}" if place else head


def unnumbered(name: str) -> str:
    """Return a name that two runs share: Spark numbers what it runs, and paths differ by run.

    Example
    -------
    >>> unnumbered("Spark job 4: collect at /tmp/a/medians.py:31"), unnumbered("Read Data")
    ('Spark job: collect', 'Read Data')
    """
    found = _SPARK_NAME.fullmatch(name)
    return ": ".join(part for part in (found[1], found[2]) if part) if found else name


def remark(node: Node) -> str:
    """Return what Spark did with a step or in a stage, in a few words; empty when the span does not say.

    Example
    -------
    >>> stage = {"spark.stage.tasks": 8, "spark.stage.input.records": 4002, "spark.stage.output.records": 9}
    >>> remark(Node("1", "Spark stage 8", 0.0, 1.0, False, metadata={"default": stage}))
    '8 tasks, 4,002 → 9 records'
    """
    values = _values(node)
    if node.in_progress:  # what became of it is known at the end of the job
        return ""
    if OUTCOME in values:
        return _outcome(node, values)
    if "spark.stage.tasks" in values:
        return _stage(node, values)
    return _function(values) or _calls(values)


def _function(values: Mapping[str, Any]) -> str:
    """Say what a Python function did in one task."""
    rows, milliseconds = values.get("spark.python.rows"), values.get("spark.python.time_ms")
    if not isinstance(rows, int) or not isinstance(milliseconds, int | float):
        return ""
    return f"{rows:,} rows, {text.duration(milliseconds / 1000)} in the function"


def _calls(values: Mapping[str, Any]) -> str:
    """Say how many calls of the AWS SDK a span stands for."""
    count, longest = values.get("aws.calls"), values.get("aws.calls.max_ms")
    if not isinstance(count, int) or not isinstance(longest, int | float):
        return ""
    return f"{count:,} calls, longest {text.duration(longest / 1000)}"


def is_lazy(node: Node) -> bool:
    """Say whether a step only planned: its work, if any, was done elsewhere."""
    return OUTCOME in _values(node) and not (_ran_here(node) or node.in_progress)


def _ran_here(node: Node) -> bool:
    """Say whether the spans below a step are work of its own: Python functions may run in a later step."""
    return any("spark.python.function" not in _values(child) for child in node.children)


def _outcome(node: Node, values: Mapping[str, Any]) -> str:
    outcome = str(values[OUTCOME])
    lazy = "" if _ran_here(node) else "lazy, "
    if outcome == "executed":
        return _executed(node, values.get(STAGES))
    if outcome == "inlined":
        into = _listed([str(values[INTO])]) if values.get(INTO) else "another step"
        return f"{lazy}inlined into {into}"
    if outcome == "eliminated":
        return "eliminated: Spark left it out"
    return f"{lazy}outcome unknown" if outcome == "unknown" else text.plain(outcome, 60)


def _executed(node: Node, stages: object) -> str:
    """Say where the work of a step was done: the steps whose spans hold the stages that ran it."""
    wanted = set(stages) if isinstance(stages, list) else set()
    places: dict[str, Node] = {}
    for other in node.parent.children if node.parent else [node]:
        if wanted & _stages_below(other):
            places[other.id] = other
    here = places.pop(node.id, None) is not None
    names = _listed([other.name for other in places.values()])
    if here or _ran_here(node):
        return f"executed, also in {names}" if names else "executed"
    return f"lazy, ran in {names}" if names else "lazy, executed"


def _stages_below(node: Node) -> set[int]:
    found, stack = set(), list(node.children)
    while stack:
        child = stack.pop()
        stage = _values(child).get("spark.stage.id")
        if isinstance(stage, int):
            found.add(stage)
        stack.extend(child.children)
    return found


def _listed(names: list[str]) -> str:
    shown = [text.plain(name, 60) for name in names[:NAMES_SHOWN]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _stage(node: Node, values: Mapping[str, Any]) -> str:
    def number(name: str) -> float:
        value = values.get(f"spark.stage.{name}")
        return value if isinstance(value, int | float) and not isinstance(value, bool) else 0

    tasks, failed = int(number("tasks")), int(number("tasks.failed"))
    words = [f"{tasks:,} task" if tasks == 1 else f"{tasks:,} tasks"]
    if failed:
        words.append(f"{failed:,} failed")
    words.append(
        _records(
            int(number("input.records") + number("shuffle.read_records")),
            int(number("output.records") + number("shuffle.write_records")),
        )
    )
    skew = number("skew_time_ms") / 1000
    if skew >= max(SKEW_SECONDS, node.duration * SKEW_SHARE):
        words.append(
            f"skew: longest task {text.duration(number('task.max_ms') / 1000)}, "
            f"median {text.duration(number('task.p50_ms') / 1000)}"
        )
    if number("disk.spilled_bytes"):
        words.append(f"spilled {text.size(int(number('disk.spilled_bytes')))} to disk")
    return ", ".join(word for word in words if word)


def _records(taken: int, given: int) -> str:
    """Say what went in and out in Spark's word: a record of a shuffle may be a part of a row's group."""
    if taken and given and taken != given:
        return f"{taken:,} → {given:,} records"
    count = taken or given
    return f"{count:,} {'record' if count == 1 else 'records'}" if count else ""


def _values(node: Node) -> Mapping[str, Any]:
    default = node.metadata.get("default")
    return {**default, **node.annotations} if isinstance(default, Mapping) else node.annotations
