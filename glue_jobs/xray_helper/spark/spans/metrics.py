# SPDX-License-Identifier: Apache-2.0
"""Names of the attributes, and where Spark keeps the values.

A missing attribute means "not measured"; a measured zero is written as 0.
"""

from __future__ import annotations

from typing import Final

from xray_common import conventions as names
from xray_helper.spark.units import NS_PER_MS

# Attribute, field of ``StageData``, divisor. Sums over all tasks of the attempt, also those that failed.
STAGE_METRICS: Final[tuple[tuple[str, str, int], ...]] = (
    (names.STAGE_TASKS, "numTasks", 1),
    (names.STAGE_TASKS_FAILED, "numFailedTasks", 1),
    (names.STAGE_TASKS_KILLED, "numKilledTasks", 1),
    (names.STAGE_RUN_MS, "executorRunTime", 1),
    (names.STAGE_CPU_MS, "executorCpuTime", NS_PER_MS),
    ("spark.stage.executor.deserialize_time_ms", "executorDeserializeTime", 1),
    (names.STAGE_GC_MS, "jvmGcTime", 1),
    (names.STAGE_INPUT_BYTES, "inputBytes", 1),
    (names.STAGE_INPUT_RECORDS, "inputRecords", 1),
    (names.STAGE_OUTPUT_BYTES, "outputBytes", 1),
    (names.STAGE_OUTPUT_RECORDS, "outputRecords", 1),
    (names.STAGE_SHUFFLE_READ_BYTES, "shuffleReadBytes", 1),
    (names.STAGE_SHUFFLE_READ_RECORDS, "shuffleReadRecords", 1),
    (names.STAGE_FETCH_WAIT_MS, "shuffleFetchWaitTime", 1),
    ("spark.stage.shuffle.write_bytes", "shuffleWriteBytes", 1),
    (names.STAGE_SHUFFLE_WRITE_RECORDS, "shuffleWriteRecords", 1),
    (names.STAGE_MEMORY_SPILLED_BYTES, "memoryBytesSpilled", 1),
    (names.STAGE_DISK_SPILLED_BYTES, "diskBytesSpilled", 1),
)

JOB_METRICS: Final[tuple[tuple[str, str, int], ...]] = (
    ("spark.job.tasks", "numTasks", 1),
    ("spark.job.tasks.skipped", "numSkippedTasks", 1),
    ("spark.job.tasks.failed", "numFailedTasks", 1),
)

# Attribute, field of ``TaskDataWrapper``, divisor; of a task that succeeded.
TASK_METRICS: Final[tuple[tuple[str, str, int], ...]] = (
    ("spark.task.cpu_time_ms", "executorCpuTime", NS_PER_MS),
    ("spark.task.deserialize_time_ms", "executorDeserializeTime", 1),
    ("spark.task.gc_time_ms", "jvmGcTime", 1),
    ("spark.task.peak_memory_bytes", "peakExecutionMemory", 1),
    ("spark.task.memory.spilled_bytes", "memoryBytesSpilled", 1),
    ("spark.task.disk.spilled_bytes", "diskBytesSpilled", 1),
    ("spark.task.input.bytes", "inputBytesRead", 1),
    ("spark.task.input.records", "inputRecordsRead", 1),
    ("spark.task.output.bytes", "outputBytesWritten", 1),
    ("spark.task.output.records", "outputRecordsWritten", 1),
    ("spark.task.shuffle.read_records", "shuffleRecordsRead", 1),
    ("spark.task.shuffle.fetch_wait_time_ms", "shuffleFetchWaitTime", 1),
    ("spark.task.shuffle.write_bytes", "shuffleBytesWritten", 1),
    ("spark.task.shuffle.write_records", "shuffleRecordsWritten", 1),
)
