# SPDX-License-Identifier: Apache-2.0
"""What a run is made of, in few numbers: its steps, how long each took, and what may explain that."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from trace_viewer.model.document import Node
from trace_viewer.model.names import short_name, unnumbered
from trace_viewer.model.tree import Tree
from xray_common import conventions as names
from xray_common.numbers import as_measured

SKEW, SKEW_SECONDS, SPILLED, CORES = "skew", "skew_seconds", "spilled_bytes", "cores"
RECORDS, FAILED, GC, CPU, START = "records", "tasks_failed", "gc_share", "cpu_share", "start_seconds"
WORKERS = "workers"
MIN_RUN_MS = 100.0  # of all tasks of a step: the shares of less are noise

Place = tuple[str, str, int]
"""A segment, a step of it (empty: the segment itself), and the how-manieth of these it is."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a run.

    Attributes
    ----------
    seconds
        With its Spark work, without the segments that it waits for; of a segment, what is outside its steps.
    facts
        What was measured, by the names above; what was not is missing.
    again
        Steps whose work this one did, though another step did it, too.
    plans
        Fingerprints of its SQL plans, sorted.
    """

    place: Place
    seconds: float
    facts: Mapping[str, float] = field(default_factory=dict)
    again: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The segment and the step."""
        segment, step, number = self.place
        words = f"{segment} › {step}" if step else segment  # noqa: RUF001
        return f"{words} ({number + 1})" if number else words


def steps_of(tree: Tree) -> list[Step]:
    """Return the segments of a trace and the parts of one that have a name, in the order of the run."""
    again = _done_again(tree)
    seen: Counter[tuple[str, str]] = Counter()
    found: list[Step] = []
    for node in tree.nodes:
        if not _is_step(node):
            continue
        words = _words(node)
        seconds = node.self_time if _waits(node) else node.duration
        place = (*words, seen[words])
        seen[words] += 1
        found.append(Step(place, round(seconds, 6), _facts(node), again.get(node.id, ()), _plans(node)))
    return found


def _is_step(node: Node) -> bool:
    if node.is_missing or node.inferred or node.is_beside:
        return False
    return node.is_segment or (node.parent is not None and node.parent.is_segment)


def _words(node: Node) -> tuple[str, str]:
    segment = short_name(node.segment.name)
    return (segment, "") if node.is_segment else (segment, unnumbered(short_name(node.name)))


def _waits(node: Node) -> bool:
    """Return whether others are measured below it: their time is not its own."""
    return node.is_segment or any(below.is_segment for below in node.descendants())


def _facts(node: Node) -> dict[str, float]:
    if node.is_segment:
        return {}
    if _waits(node):
        begun = [below.start for below in node.descendants() if below.is_segment and not below.inferred]
        return {START: round(min(begun) - node.start, 3)} if begun else {}
    stages = [values for below in node.walk() if names.STAGE_TASKS in (values := below.attributes)]
    facts = _sums(stages) | _evenness(stages) | _cores(stages) if stages else {}
    workers = _number(node.segment.attributes, names.GLUE_NUMBER_OF_WORKERS)
    facts |= {WORKERS: workers} if workers is not None else {}
    return {name: round(value, 6) for name, value in facts.items()}


def _sums(stages: list[Mapping[str, Any]]) -> dict[str, float]:
    def total(*keys: str) -> float:
        return sum(_number(values, key) or 0.0 for values in stages for key in keys)

    run = total(names.STAGE_RUN_MS)
    facts = {
        RECORDS: total(names.STAGE_INPUT_RECORDS, names.STAGE_SHUFFLE_READ_RECORDS),
        SPILLED: total(names.STAGE_DISK_SPILLED_BYTES),
        FAILED: total(names.STAGE_TASKS_FAILED),
    }
    shares = {GC: total(names.STAGE_GC_MS) / run, CPU: total(names.STAGE_CPU_MS) / run} if run else {}
    return facts | (shares if run >= MIN_RUN_MS else {})


def _evenness(stages: list[Mapping[str, Any]]) -> dict[str, float]:
    """Return the skew of the stage that lost most by it: longest task over median one, and the difference."""
    worst = max(stages, key=lambda values: _number(values, names.STAGE_SKEW_MS) or 0.0)
    lost, longest = _number(worst, names.STAGE_SKEW_MS), _number(worst, names.STAGE_TASK_MAX_MS)
    if lost is None or longest is None:
        return {}
    return {SKEW: longest / max(1.0, longest - lost), SKEW_SECONDS: lost / 1000}


def _cores(stages: list[Mapping[str, Any]]) -> dict[str, float]:
    """Return the cores that were there, at least in one stage that was long enough to ask."""
    found = [cores for values in stages if (cores := _number(values, names.STAGE_CORES)) is not None]
    return {CORES: max(found)} if found else {}


def _done_again(tree: Tree) -> dict[str, tuple[str, ...]]:
    """Return, by step, the steps whose work it did, where more than one step did that work."""
    ran_in: dict[tuple[str, int], str] = {}
    for node in tree.nodes:
        stage = node.attributes.get(names.STAGE_ID)
        if isinstance(stage, int) and (host := _step_above(node)):
            ran_in[node.segment.id, stage] = host.id
    again: defaultdict[str, list[str]] = defaultdict(list)
    for node in tree.nodes:
        stages = node.attributes.get(names.STEP_STAGES)
        if not isinstance(stages, list):
            continue
        places = (ran_in.get((node.segment.id, stage), "") for stage in stages if isinstance(stage, int))
        if len(hosts := {place for place in places if place}) > 1:
            for place in hosts:
                again[place].append(node.name)
    return {host: tuple(steps) for host, steps in again.items()}


def _step_above(node: Node) -> Node | None:
    step: Node | None = node
    while step and not _is_step(step):
        step = step.parent
    return step


def _plans(node: Node) -> tuple[str, ...]:
    if _waits(node):
        return ()
    found = (below.attributes.get(names.PLAN_FINGERPRINT) for below in node.walk())
    return tuple(sorted(str(plan) for plan in found if plan))


def _number(values: Mapping[str, Any], key: str) -> float | None:
    value = as_measured(values.get(key))
    return None if value is None else float(value)
