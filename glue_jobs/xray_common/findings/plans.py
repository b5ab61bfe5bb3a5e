# SPDX-License-Identifier: Apache-2.0
"""Rules for one SQL execution: what its plan did. Each returns a finding, or None when in doubt."""

from __future__ import annotations

from typing import Final

from xray_common import conventions as names
from xray_common.findings.finding import Finding
from xray_common.findings.limits import Limits
from xray_common.findings.span import Span
from xray_common.findings.words import counted, duration, percent, size


def cross_join(execution: Span, limits: Limits) -> Finding | None:
    """Find a join that pairs every row with every other."""
    rows = execution.number(names.PLAN_CROSS_ROWS)
    if rows is None or rows < limits.cross_join_rows:
        return None
    return Finding(
        kind="cross_join",
        title=f"a join without keys made {counted(rows, 'pair')} of rows",
        span=execution,
        evidence={"pairs_rows": rows},
        seconds=execution.seconds,
        advice="Join by a key, or by a range of a bucket; a missing ON clause is the usual cause.",
    )


def large_broadcast(execution: Span, limits: Limits) -> Finding | None:
    """Find a table that is too large to be sent to every executor."""
    sent = execution.number(names.PLAN_BROADCAST_BYTES)
    if sent is None or sent < limits.broadcast_bytes:
        return None
    return Finding(
        kind="large_broadcast",
        title=f"{size(sent)} were collected on the driver and sent to every executor",
        span=execution,
        evidence={"broadcast_bytes": sent},
        advice="Drop the broadcast hint, or filter and select columns first; the driver has to hold it.",
    )


def tiny_side(execution: Span, limits: Limits) -> Finding | None:
    """Find a sort-merge join that shuffled a large side, and whose small one could have been broadcast."""
    found = execution.numbers(names.PLAN_JOIN_SMALL, names.PLAN_JOIN_LARGE)
    if found is None:
        return None
    small, large = found
    if small > limits.tiny_side_bytes or large < max(limits.join_ratio * small, limits.join_bytes):
        return None
    return Finding(
        kind="tiny_join_side",
        title=f"both sides of a join were shuffled and sorted, {size(large)} and {size(small)}",
        span=execution,
        evidence={"large_side_bytes": large, "small_side_bytes": small},
        advice="broadcast(small), or statistics and AQE, so that Spark knows the size before it shuffles.",
    )


def small_files_read(execution: Span, limits: Limits) -> Finding | None:
    """Find a read of many files with little in each."""
    found = execution.numbers(names.PLAN_SCAN_FILES, names.PLAN_SCAN_BYTES)
    return _small_files("small_files_read", "read", execution, found, limits)


def small_files_written(execution: Span, limits: Limits) -> Finding | None:
    """Find a write of many files with little in each: who reads them pays."""
    found = execution.numbers(names.PLAN_WRITE_FILES, names.PLAN_WRITE_BYTES)
    return _small_files("small_files_written", "written", execution, found, limits)


_FILES: Final = {
    "read": "Compact them, or group them when reading (groupFiles of Glue, maxPartitionBytes of Spark).",
    "written": "Repartition by the partition column before the write, or coalesce.",
}


def _small_files(
    kind: str, verb: str, execution: Span, found: tuple[float, ...] | None, limits: Limits
) -> Finding | None:
    if found is None or found[0] < limits.small_files or found[1] >= limits.small_file_bytes * found[0]:
        return None
    files, total = found
    return Finding(
        kind=kind,
        title=f"{counted(files, 'file')} {verb}, {size(total / files)} each on average",
        span=execution,
        evidence={"files": files, "total_bytes": total},
        advice=_FILES[verb],
    )


def full_scan(execution: Span, limits: Limits) -> Finding | None:
    """Find a partitioned table that was read whole, and filtered afterwards."""
    tables = execution.attributes.get(names.PLAN_UNFILTERED)
    found = execution.numbers(names.PLAN_SCAN_PARTITIONS, names.PLAN_SCAN_BYTES)
    if not isinstance(tables, (list, tuple)) or not tables or found is None:
        return None
    partitions, taken = found
    if partitions < limits.scan_partitions or taken < limits.scan_bytes:
        return None
    return Finding(
        kind="full_scan",
        title=f"all {counted(partitions, 'partition')} of {', '.join(map(str, tables))} were read "
        f"({size(taken)}) and filtered afterwards",
        span=execution,
        evidence={"partitions": partitions, "input_bytes": taken},
        advice="Filter by the partition columns, too: then only those partitions are listed and read.",
    )


def python(execution: Span, limits: Limits) -> Finding | None:
    """Find tasks in which the JVM waited for Python most of the time."""
    operators = execution.attributes.get(names.PLAN_PYTHON)
    if not isinstance(operators, (list, tuple)) or not operators:
        return None
    stages = [span for span in execution.walk() if names.STAGE_RUN_MS in span.attributes]
    running = sum(stage.number(names.STAGE_RUN_MS) or 0 for stage in stages)
    jvm_names = (names.STAGE_CPU_MS, names.STAGE_GC_MS, names.STAGE_FETCH_WAIT_MS)
    in_jvm = sum(stage.number(name) or 0 for stage in stages for name in jvm_names)
    elsewhere = running - in_jvm
    if not running or elsewhere < limits.python_share * running:
        return None
    seconds = min(execution.seconds, sum(stage.seconds for stage in stages) * elsewhere / running)
    if seconds < limits.python_s:
        return None
    reads = any(stage.number(names.STAGE_INPUT_BYTES) for stage in stages)
    return Finding(
        kind="python_functions",
        title=f"{percent(elsewhere / running)} of the task time was outside of the JVM, in "
        f"{', '.join(map(str, operators))}: {duration(elsewhere / 1000)} of {duration(running / 1000)}"
        f"{' (with the wait for files)' if reads else ''}",
        span=execution,
        evidence={"task_ms": running, "jvm_ms": in_jvm},
        seconds=seconds,
        advice="Built-in functions or SQL instead; else pandas functions on Arrow batches.",
    )


def applies(span: Span) -> bool:
    """Return whether a span is an SQL execution whose plan was read."""
    return names.PLAN_FINGERPRINT in span.attributes


RULES: Final = (
    cross_join,
    large_broadcast,
    tiny_side,
    small_files_read,
    small_files_written,
    full_scan,
    python,
)
