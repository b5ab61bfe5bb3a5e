# SPDX-License-Identifier: Apache-2.0
"""Rules for one stage: where the time of its tasks went. Each returns a finding, or None when in doubt."""

from __future__ import annotations

from typing import Final

from xray_common import conventions as names
from xray_common.findings.finding import Finding
from xray_common.findings.limits import Limits
from xray_common.findings.span import Span
from xray_common.findings.words import TIMES, counted, duration, percent, size

_WAIT_MS: Final = "spark.stage.wait_ms"  # from submission to the first task
_DELAY_MS: Final = "spark.stage.scheduler.delay_ms"
_EXECUTORS: Final = "spark.stage.executors"
_SLOWEST_HOST: Final = "spark.stage.executor.slowest.host"
_SLOWEST_MS: Final = "spark.stage.executor.slowest.task_ms"
_OTHERS_MS: Final = "spark.stage.executor.others.task_ms"
_PARTITION: Final = "spark.task.partition"
_EXECUTOR: Final = "spark.task.executor.id"
_TASK_MS: Final = "spark.task.run_time_ms"


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
    place = f"partition {who['partition']:.0f}" if "partition" in who else "1"
    return Finding(
        kind="skew",
        title=f"{place} of {counted(tasks, 'task')} took {duration(longest / 1000)}, "
        f"median {duration(median / 1000)}{times}",
        span=stage,
        evidence=evidence,
        seconds=min((longest - median) / 1000, _slack_s(stage)),
        advice="Salt or split the heavy key, or let AQE do it: spark.sql.adaptive.skewJoin.enabled.",
    )


def spill(stage: Span, limits: Limits) -> Finding | None:
    """Find partitions that were too large for the memory: they went to disk and came back."""
    disk = stage.number(names.STAGE_DISK_SPILLED_BYTES)
    if disk is None or disk < limits.spill_bytes:
        return None
    memory = stage.number(names.STAGE_MEMORY_SPILLED_BYTES) or 0
    tasks = stage.number(names.STAGE_TASKS) or 0
    return Finding(
        kind="spill",
        title=f"{counted(tasks, 'task')} spilled {size(disk)} to disk, {size(memory)} in memory",
        span=stage,
        evidence={"disk_spilled_bytes": disk, "memory_spilled_bytes": memory, "tasks": tasks},
        advice="More and smaller partitions (spark.sql.shuffle.partitions), or a worker with more memory.",
    )


def garbage(stage: Span, limits: Limits) -> Finding | None:
    """Find tasks that waited for the garbage collector."""
    found = stage.numbers(names.STAGE_GC_MS, names.STAGE_RUN_MS)
    if found is None or not found[1] or found[0] < limits.gc_share * found[1]:
        return None
    collecting, running = found
    return Finding(
        kind="gc",
        title=f"{percent(collecting / running)} of the task time went to garbage collection: "
        f"{duration(collecting / 1000)} of {duration(running / 1000)}",
        span=stage,
        evidence={"gc_ms": collecting, "task_ms": running},
        seconds=_wall_s(stage, collecting),
        advice="Fewer objects per row (no UDFs, no large arrays), smaller partitions, or more memory.",
    )


def waiting(stage: Span, limits: Limits) -> Finding | None:
    """Find a stage that was ready when no core was free."""
    wait = stage.number(_WAIT_MS)
    if wait is None or wait / 1000 < limits.wait_share * stage.seconds:
        return None
    return Finding(
        kind="waiting_for_executors",
        title=f"ready, but waited {duration(wait / 1000)} for a free core, "
        f"{percent(wait / 1000 / stage.seconds if stage.seconds else 1.0)} of its time",
        span=stage,
        evidence={"wait_ms": wait, "stage_ms": round(stage.seconds * 1000)},
        seconds=wait / 1000,
        advice="Other stages held the cores, or executors were still to come: more workers, less at once.",
    )


def scheduler_delay(stage: Span, limits: Limits) -> Finding | None:
    """Find tasks that spent their time between driver and executor."""
    found = stage.numbers(_DELAY_MS, names.STAGE_RUN_MS)
    if found is None:
        return None
    delay, running = found
    if not delay or delay < limits.wait_share * (delay + running):
        return None
    return Finding(
        kind="scheduler_delay",
        title=f"tasks waited {duration(delay / 1000)} on their way, and ran {duration(running / 1000)}",
        span=stage,
        evidence={"scheduler_delay_ms": delay, "task_ms": running},
        seconds=_wall_s(stage, delay),
        advice="Fewer and longer tasks, smaller closures and results; look at the driver's own load.",
    )


def few_tasks(stage: Span, limits: Limits) -> Finding | None:
    """Find cores that had no task to run."""
    found = stage.numbers(names.STAGE_TASKS, names.STAGE_CORES)
    if found is None or stage.seconds < limits.few_tasks_s:
        return None
    tasks, cores = found
    if tasks > cores / 2 or unsplit(stage, limits) or _has_company(stage):
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


def fetch_bound(stage: Span, limits: Limits) -> Finding | None:
    """Find tasks that waited for shuffled data of other workers."""
    found = stage.numbers(names.STAGE_FETCH_WAIT_MS, names.STAGE_RUN_MS)
    if found is None or not found[1] or found[0] < limits.fetch_share * found[1]:
        return None
    wait, running = found
    taken = stage.number(names.STAGE_SHUFFLE_READ_BYTES) or 0
    return Finding(
        kind="fetch_bound",
        title=f"{percent(wait / running)} of the task time was waiting for shuffled data ({size(taken)})",
        span=stage,
        evidence={"fetch_wait_ms": wait, "task_ms": running, "shuffle_read_bytes": taken},
        seconds=_wall_s(stage, wait),
        advice="Shuffle less: filter and aggregate before the join, broadcast the small side.",
    )


def slow_host(stage: Span, limits: Limits) -> Finding | None:
    """Find an executor whose tasks took a multiple of those elsewhere."""
    found = stage.numbers(_EXECUTORS, _SLOWEST_MS, _OTHERS_MS, names.STAGE_TASKS)
    if found is None:
        return None
    executors, slowest, others, tasks = found
    if executors < 2 or tasks < 2 * executors or slowest < limits.slow_host_ratio * others:
        return None
    host = str(stage.attributes.get(_SLOWEST_HOST) or "unknown")
    return Finding(
        kind="slow_host",
        title=f"tasks on {host} took {duration(slowest / 1000)} each, elsewhere {duration(others / 1000)}",
        span=stage,
        evidence={"executors": executors, "slowest_task_ms": slowest, "others_task_ms": others, "host": host},
        seconds=stage.seconds * (1 - others / slowest),
        advice="If the same host is slow in other runs, too: spark.speculation=true, else look at its data.",
    )


def applies(span: Span) -> bool:
    """Return whether a span is a stage of Spark."""
    return names.STAGE_TASKS in span.attributes


RULES: Final = (
    skew,
    spill,
    garbage,
    waiting,
    scheduler_delay,
    few_tasks,
    unsplit,
    tiny_tasks,
    retries,
    fetch_bound,
    slow_host,
)


def _slack_s(stage: Span) -> float:
    """Return what even tasks could save at most: they need the same time of all cores together."""
    found = stage.numbers(names.STAGE_RUN_MS, names.STAGE_CORES)
    if found is None or not found[1]:
        return stage.seconds
    running, cores = found
    return max(0.0, stage.seconds - running / 1000 / cores)


def _wall_s(stage: Span, task_ms: float) -> float | None:
    """Turn time of tasks into wall time: they ran side by side."""
    used = stage.number(names.STAGE_CORES_USED)
    return min(stage.seconds, task_ms / 1000 / max(used, 1.0)) if used else None


def _longest_task(stage: Span) -> dict[str, float | str]:
    """Read partition and executor of the longest task, where it has a span."""
    tasks = [child for child in stage.children if child.number(_TASK_MS) is not None]
    if not tasks:
        return {}
    longest = max(tasks, key=lambda task: task.number(_TASK_MS) or 0)
    if longest.number(_TASK_MS) != stage.number(names.STAGE_TASK_MAX_MS):
        return {}
    found = {
        "partition": longest.attributes.get(_PARTITION),
        "executor": longest.attributes.get(_EXECUTOR),
    }
    return {key: value for key, value in found.items() if isinstance(value, (int, str))}


def _has_company(stage: Span) -> bool:
    """Return whether other stages of the job ran for half of the time: they may have had the cores."""
    others = (span for span in stage.segment.walk() if span is not stage and applies(span))
    shared = sum(max(0.0, min(stage.end, other.end) - max(stage.start, other.start)) for other in others)
    return shared >= stage.seconds / 2
