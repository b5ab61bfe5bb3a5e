# SPDX-License-Identifier: Apache-2.0
"""Rules for what the tasks of a stage waited for. Each returns a finding, or None when in doubt."""

from __future__ import annotations

from typing import Final

from xray_common import conventions as names
from xray_common.findings.finding import Finding
from xray_common.findings.limits import Limits
from xray_common.findings.span import Span
from xray_common.findings.words import counted, duration, percent, size


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
    if found is None:
        return None
    collecting, running = found
    if not 0 < limits.gc_share * running <= collecting <= running:  # more than all is no measurement
        return None
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
    wait = stage.number(names.STAGE_WAIT_MS)
    if wait is None or not limits.wait_share * stage.seconds <= wait / 1000 <= stage.seconds:
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
    found = stage.numbers(names.STAGE_SCHEDULER_DELAY_MS, names.STAGE_RUN_MS)
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


def fetch_bound(stage: Span, limits: Limits) -> Finding | None:
    """Find tasks that waited for shuffled data of other workers."""
    found = stage.numbers(names.STAGE_FETCH_WAIT_MS, names.STAGE_RUN_MS)
    if found is None:
        return None
    wait, running = found
    if not 0 < limits.fetch_share * running <= wait <= running:  # more than all is no measurement
        return None
    taken = stage.number(names.STAGE_SHUFFLE_READ_BYTES) or 0
    return Finding(
        kind="fetch_bound",
        title=f"{percent(wait / running)} of the task time was waiting for shuffled data ({size(taken)})",
        span=stage,
        evidence={"fetch_wait_ms": wait, "task_ms": running, "shuffle_read_bytes": taken},
        seconds=_wall_s(stage, wait),
        advice="Shuffle less: filter and aggregate before the join, broadcast the small side.",
    )


RULES: Final = (spill, garbage, waiting, scheduler_delay, fetch_bound)


def _wall_s(stage: Span, task_ms: float) -> float:
    """Turn time of tasks into wall time: they ran side by side, at worst one after the other."""
    used = stage.number(names.STAGE_CORES_USED) or 1.0
    return min(stage.seconds, task_ms / 1000 / max(used, 1.0))
