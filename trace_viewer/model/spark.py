# SPDX-License-Identifier: Apache-2.0
"""What Spark did, in a few words beside a name: the outcome of a lazy step, the work of a stage.

Only the names of `xray_common.conventions` are known here; a span without them has no summary.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trace_viewer.model import text
from trace_viewer.model.document import Node
from xray_common import conventions as names
from xray_common.findings.words import counted
from xray_common.numbers import as_measured

SKEW_SHARE = 0.25  # of a stage's duration that the longest task takes longer than the median one: large
SKEW_SECONDS = 0.5  # less is not worth a word
S3_KEY = "aws.s3.key"  # of OpenTelemetry's conventions
KEY_SHOWN = 40  # characters of a key, its end
NAMES_SHOWN = 2  # steps named in one summary


def summarize(node: Node) -> str:
    """Return what Spark did with a step or in a stage, in a few words; empty when that is unknown.

    Example
    -------
    >>> stage = {"spark.stage.tasks": 8, "spark.stage.input.records": 4002, "spark.stage.output.records": 9}
    >>> summarize(Node("1", "Spark stage 8", 0.0, 1.0, False, metadata={"default": stage}))
    '8 tasks, 4,002 → 9 records'
    """
    values = _values(node)
    if node.in_progress:  # what became of it is known at the end of the job
        return ""
    if names.STEP_OUTCOME in values or names.STEP_OUTPUT_ROWS in values:
        return _step(node, values)
    if names.STAGE_TASKS in values:
        return _stage(node, values)
    words = (_function(values) or _calls(values) or _task(values) or _executor(values), _object(values))
    return ", ".join(filter(None, words))


def is_lazy(node: Node) -> bool:
    """Return whether a step only planned: its work, if any, was done elsewhere."""
    return names.STEP_OUTCOME in _values(node) and not (_ran_here(node) or node.in_progress)


def calls_of(node: Node) -> int:
    """Return how many calls a span stands for: one, or those that were added up when it was recorded."""
    return int(as_measured(_values(node).get(names.AWS_CALLS)) or 0) or 1


def _function(values: Mapping[str, Any]) -> str:
    rows, milliseconds = _two(values, names.FUNCTION_ROWS, names.FUNCTION_MS)
    if rows is None or milliseconds is None:
        return ""
    return f"{counted(rows, 'row')}, {text.duration(milliseconds / 1000)} in the function"


def _calls(values: Mapping[str, Any]) -> str:
    count, longest = _two(values, names.AWS_CALLS, names.AWS_CALLS_MAX_MS)
    if count is None or longest is None:
        return ""
    return f"{counted(count, 'call')}, longest {text.duration(longest / 1000)}"


def _object(values: Mapping[str, Any]) -> str:
    """Return the end of the key of an object of S3, by which equal calls differ."""
    key = text.plain(values.get(S3_KEY) or "")
    return key if len(key) <= KEY_SHOWN else "…" + key[-KEY_SHOWN:]


def _task(values: Mapping[str, Any]) -> str:
    why, milliseconds = values.get(names.TASK_WHY), as_measured(values.get(names.TASK_RUN_MS))
    if not isinstance(why, list | tuple):
        return ""
    words = [text.plain(", ".join(map(str, why)), 60)]
    words.append(f"on executor {text.plain(values.get(names.TASK_EXECUTOR, '?'), 20)}")
    if milliseconds is not None:
        words.append(f"ran {text.duration(milliseconds / 1000)}")
    if reason := values.get(names.TASK_REASON):
        words.append(text.plain(reason, 120))
    return ", ".join(words)


def _executor(values: Mapping[str, Any]) -> str:
    cores, busy = _two(values, names.EXECUTOR_CORES, names.EXECUTOR_BUSY_CORES)
    if names.EXECUTOR_ID not in values or cores is None or busy is None:
        return ""
    tasks = as_measured(values.get(names.EXECUTOR_TASKS)) or 0
    words = [counted(tasks, "task"), f"{busy:g} of {counted(cores, 'core')} busy"]
    if reason := values.get(names.EXECUTOR_REMOVED_REASON):
        words.append(f"{'lost' if values.get(names.EXECUTOR_LOST) else 'removed'}: {text.plain(reason, 120)}")
    return ", ".join(words)


def _ran_here(node: Node) -> bool:
    """Return whether the spans below a step are work of its own: Python functions may run in a later one."""
    return any(names.FUNCTION_NAME not in _values(child) for child in node.children)


def _step(node: Node, values: Mapping[str, Any]) -> str:
    """Return what became of a step, and the rows that left it where these were measured."""
    outcome = _outcome(node, values) if names.STEP_OUTCOME in values else ""
    rows = values.get(names.STEP_OUTPUT_ROWS)
    counted = f"{rows:,} {'row' if rows == 1 else 'rows'} out" if isinstance(rows, int) else ""
    return " · ".join(filter(None, (outcome, counted)))


def _outcome(node: Node, values: Mapping[str, Any]) -> str:
    outcome = str(values[names.STEP_OUTCOME])
    lazy = "" if _ran_here(node) else "lazy · "
    if outcome == names.EXECUTED:
        return _executed(node)
    if outcome == names.INLINED:
        into = values.get(names.STEP_INLINED_INTO)
        return f"{lazy}inlined into {_listed([str(into)]) if into else 'another step'}"
    if outcome == names.ELIMINATED:
        return "removed by optimizer (unused)"
    return f"{lazy}not attributed" if outcome == names.UNKNOWN else text.plain(outcome, 60)


def _executed(node: Node) -> str:
    elsewhere = _listed(list(dict.fromkeys(step.name for step, _ in ran_elsewhere(node))))
    if not _ran_here(node):
        return f"lazy · executed in {elsewhere}" if elsewhere else "lazy · executed"
    if elsewhere:
        again = _did_its_work(node)
        return f"executed again in {elsewhere} (not cached?)" if again else f"executed in {elsewhere}"
    others = guests_of(node)
    steps = "1 other step" if len(others) == 1 else f"{len(others):,} other steps"
    return f"executed · runs {steps}: {_listed([step.name for step in others])}" if others else "executed"


def _did_its_work(node: Node) -> bool:
    """Return whether a step's own spans hold a stage that did its work; a look at a schema is none."""
    steps = _steps_by_stage(node.parent or node)
    return any(step is node for stage in _stages(node) for step, _ in steps.get(stage, ()))


def ran_elsewhere(node: Node) -> list[tuple[Node, Node]]:
    """Return the other steps whose spans hold the stages that did the work of a step, with these stages."""
    stages = _stages(node)
    steps = _steps_by_stage(node.parent or node) if stages else {}
    found = [pair for stage in stages for pair in steps.get(stage, ())]
    return sorted((pair for pair in found if pair[0] is not node), key=lambda pair: pair[0].start)


def guests_of(node: Node) -> list[Node]:
    """Return the lazy steps whose work was done in this one."""
    parent = node.parent or node
    if parent.guests is None:
        guests: dict[str, dict[str, Node]] = {}
        for step in filter(is_lazy, parent.children):
            for host, _ in ran_elsewhere(step):
                guests.setdefault(host.id, {})[step.id] = step
        parent.guests = {host: list(steps.values()) for host, steps in guests.items()}
    return parent.guests.get(node.id, [])


def _stages(node: Node) -> list[int]:
    stages = _values(node).get(names.STEP_STAGES)
    return [stage for stage in stages if isinstance(stage, int)] if isinstance(stages, list) else []


def _steps_by_stage(parent: Node) -> dict[int, list[tuple[Node, Node]]]:
    """Return the children that ran a stage, by its id; found once for all the children that ask."""
    if parent.steps_by_stage is None:
        steps: dict[int, dict[str, tuple[Node, Node]]] = {}
        for step in parent.children:
            for below in step.descendants():
                stage = _values(below).get(names.STAGE_ID)
                if isinstance(stage, int):
                    steps.setdefault(stage, {}).setdefault(step.id, (step, below))
        parent.steps_by_stage = {stage: list(pairs.values()) for stage, pairs in steps.items()}
    return parent.steps_by_stage


def _listed(steps: list[str]) -> str:
    shown = [text.plain(step, 60) for step in steps[:NAMES_SHOWN]]
    more = len(steps) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _stage(node: Node, values: Mapping[str, Any]) -> str:
    def number(name: str) -> float:
        return as_measured(values.get(name)) or 0

    tasks, failed = int(number(names.STAGE_TASKS)), int(number(names.STAGE_TASKS_FAILED))
    records_in = number(names.STAGE_INPUT_RECORDS) + number(names.STAGE_SHUFFLE_READ_RECORDS)
    records_out = number(names.STAGE_OUTPUT_RECORDS) + number(names.STAGE_SHUFFLE_WRITE_RECORDS)
    words = [
        counted(tasks, "task"),
        f"{failed:,} failed" if failed else "",
        _records(int(records_in), int(records_out)),
    ]
    if number(names.STAGE_SKEW_MS) / 1000 >= max(SKEW_SECONDS, node.duration * SKEW_SHARE):
        longest, median = number(names.STAGE_TASK_MAX_MS) / 1000, number(names.STAGE_TASK_MEDIAN_MS) / 1000
        factor = f" {longest / median:.1f}×" if median else ""  # noqa: RUF001
        words.append(f"skew{factor} (max {text.duration(longest)}, median {text.duration(median)})")
    if spilled := number(names.STAGE_DISK_SPILLED_BYTES):
        words.append(f"spilled {text.size(int(spilled))} to disk")
    return ", ".join(word for word in words if word)


def _records(taken: int, given: int) -> str:
    """Print what went in and out in Spark's word: a shuffled record may be a part of a row's group."""
    if taken and given and taken != given:
        return f"{taken:,} → {given:,} records"
    count = taken or given
    return counted(count, "record") if count else ""


def _two(values: Mapping[str, Any], first: str, second: str) -> tuple[float | None, float | None]:
    return as_measured(values.get(first)), as_measured(values.get(second))


def _values(node: Node) -> Mapping[str, Any]:
    return {**node.attributes, **node.annotations}
