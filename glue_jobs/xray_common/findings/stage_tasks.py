# SPDX-License-Identifier: Apache-2.0
"""Rules for the tasks of a stage: how many, how even. Each returns a finding, or None when in doubt."""

from __future__ import annotations

from typing import Final

from xray_common import conventions as names
from xray_common.findings.finding import Finding
from xray_common.findings.limits import Limits
from xray_common.findings.span import Span
from xray_common.findings.words import TIMES, counted, duration, size

_RAN_AGAIN: Final = (names.STAGE_TASKS_FAILED, names.STAGE_TASKS_KILLED, names.STAGE_ATTEMPT)


def is_stage(span: Span) -> bool:
    """Return whether a span is a stage of Spark."""
    return names.STAGE_TASKS in span.attributes


def skew(stage: Span, limits: Limits) -> Finding | None:
    """Find a task that takes a multiple of the median: the others wait for it."""
    found = stage.numbers(names.STAGE_TASKS, names.STAGE_TASK_MAX_MS, names.STAGE_TASK_MEDIAN_MS)
    if found is None:
        return None
    tasks, longest, median = found
    if tasks < limits.skew_tasks or longest < limits.skew_ratio * median:
        return None
    times = f" ({longest / median:.1f}{TIMES})" if median else ""
    who = _longest_task(stage)
    evidence = {"tasks": tasks, "longest_task_ms": longest, "median_task_ms": median, **who}
    place = f"partition {who['partition']}" if "partition" in who else "1"
    return Finding(
        kind="skew",
        title=f"{place} of {counted(tasks, 'task')} took {duration(longest / 1000)}, "
        f"median {duration(median / 1000)}{times}",
        span=stage,
        evidence=evidence,
        seconds=min((longest - median) / 1000, _slack_s(stage)),
        advice="Salt or split the heavy key, or let AQE do it: spark.sql.adaptive.skewJoin.enabled.",
    )


def few_tasks(stage: Span, limits: Limits) -> Finding | None:
    """Find cores that had no task to run."""
    found = stage.numbers(names.STAGE_TASKS, names.STAGE_CORES)
    if found is None or stage.seconds < limits.few_tasks_s:
        return None
    tasks, cores = found
    if not cores or tasks > cores / 2 or unsplit(stage, limits) or _has_company(stage):
        return None
    return Finding(
        kind="few_tasks",
        title=f"{counted(tasks, 'task')} for {cores:g} cores, for {duration(stage.seconds)}",
        span=stage,
        evidence={"tasks": tasks, "cores": cores, "stage_ms": round(stage.seconds * 1000)},
        seconds=stage.seconds * (1 - tasks / cores),
        advice="Repartition before the stage, or raise spark.sql.shuffle.partitions; look for coalesce(1).",
    )


def unsplit(stage: Span, limits: Limits) -> Finding | None:
    """Find one task that read what Spark would have split, had it been possible."""
    found = stage.numbers(names.STAGE_TASKS, names.STAGE_INPUT_BYTES, names.STAGE_CORES)
    if found is None:
        return None
    tasks, taken, cores = found
    if tasks != 1 or taken < limits.unsplit_bytes or cores < 2 or _has_company(stage):
        return None
    return Finding(
        kind="one_task_reads_all",
        title=f"1 task read {size(taken)}, {cores - 1:g} of {cores:g} cores had nothing to do",
        span=stage,
        evidence={"tasks": tasks, "input_bytes": taken, "cores": cores},
        seconds=stage.seconds * (1 - 1 / cores),
        advice="A gzip file, multiLine and coalesce(1) cannot be split: many files, bzip2, zstd or Parquet.",
    )


def tiny_tasks(stage: Span, limits: Limits) -> Finding | None:
    """Find so many tasks that starting them is the work."""
    found = stage.numbers(
        names.STAGE_TASKS, names.STAGE_TASK_MEDIAN_MS, names.STAGE_RUN_MS, names.STAGE_CORES
    )
    if found is None:
        return None
    tasks, median, running, cores = found
    if tasks < limits.tiny_tasks or median >= limits.tiny_task_ms or not cores:
        return None
    return Finding(
        kind="tiny_tasks",
        title=f"{counted(tasks, 'task')} of {duration(median / 1000)} each (median)",
        span=stage,
        evidence={"tasks": tasks, "median_task_ms": median, "task_ms": running, "cores": cores},
        seconds=_slack_s(stage),
        advice="Fewer partitions: coalesce, a larger spark.sql.files.maxPartitionBytes, compacted files.",
    )


def retries(stage: Span, limits: Limits) -> Finding | None:
    """Find tasks, or a whole stage, that failed and were run again."""
    failed, attempt = stage.number(names.STAGE_TASKS_FAILED), stage.number(names.STAGE_ATTEMPT) or 0
    if stage.failed or (not failed and not attempt):
        return None
    tasks = stage.number(names.STAGE_TASKS) or 0
    what = f"attempt {attempt + 1:.0f} of the stage" if attempt else f"{counted(failed or 0, 'task')} failed"
    return Finding(
        kind="retries",
        title=f"{what}, of {counted(tasks, 'task')}: run again",
        span=stage,
        evidence={"tasks_failed": failed or 0, "stage_attempt": attempt, "tasks": tasks},
        advice="Read why in the failed task: lost executor, memory, or rows that the code cannot take.",
    )


def slow_host(stage: Span, limits: Limits) -> Finding | None:
    """Find an executor whose tasks took a multiple of those elsewhere.

    Tasks that failed or were killed are in the means, and whoever runs them again starts cold.
    """
    found = stage.numbers(
        names.STAGE_EXECUTORS, names.STAGE_SLOWEST_MS, names.STAGE_OTHERS_MS, names.STAGE_TASKS
    )
    if found is None or any(stage.number(name) for name in _RAN_AGAIN):
        return None
    executors, slowest, others, tasks = found
    if (
        executors < 2
        or tasks < 2 * executors
        or not 0 <= limits.slow_host_ratio * others <= slowest
        or not slowest
    ):
        return None
    host = str(stage.attributes.get(names.STAGE_SLOWEST_HOST) or "unknown")
    return Finding(
        kind="slow_host",
        title=f"tasks on {host} took {duration(slowest / 1000)} each, elsewhere {duration(others / 1000)}",
        span=stage,
        evidence={"executors": executors, "slowest_task_ms": slowest, "others_task_ms": others, "host": host},
        seconds=stage.seconds * (1 - others / slowest),
        advice="If the same host is slow in other runs, too: spark.speculation=true, else look at its data.",
    )


RULES: Final = (skew, few_tasks, unsplit, tiny_tasks, retries, slow_host)


def _slack_s(stage: Span) -> float:
    """Return what even tasks could save at most: they need the same time of all cores together."""
    found = stage.numbers(names.STAGE_RUN_MS, names.STAGE_CORES)
    if found is None or not found[1]:
        return stage.seconds
    running, cores = found
    return max(0.0, stage.seconds - running / 1000 / cores)


def _longest_task(stage: Span) -> dict[str, float | str]:
    """Read partition and executor of the longest task, where it has a span."""
    tasks = [child for child in stage.children if child.number(names.TASK_RUN_MS) is not None]
    if not tasks:
        return {}
    longest = max(tasks, key=lambda task: task.number(names.TASK_RUN_MS) or 0)
    if longest.number(names.TASK_RUN_MS) != stage.number(names.STAGE_TASK_MAX_MS):
        return {}
    found = {
        "partition": longest.attributes.get(names.TASK_PARTITION),
        "executor": longest.attributes.get(names.TASK_EXECUTOR),
    }
    return {key: value for key, value in found.items() if isinstance(value, (int, str))}


def _has_company(stage: Span) -> bool:
    """Return whether other stages of the job ran for half of the time: they may have had the cores."""
    shared = stage.segment.stage_load.seconds(stage.start, stage.end) - stage.seconds
    return shared >= stage.seconds / 2
