# SPDX-License-Identifier: Apache-2.0
"""Names of the attributes, and where Spark keeps the values.

A missing attribute means "not measured"; a measured zero is written as 0.
"""

from __future__ import annotations

from typing import Final

from xray_helper.spark.units import NS_PER_MS

# Attribute, field of ``StageData``, divisor. Sums over all tasks of the attempt, also those that failed.
STAGE_METRICS: Final[tuple[tuple[str, str, int], ...]] = (
    ("spark.stage.tasks", "numTasks", 1),
    ("spark.stage.tasks.failed", "numFailedTasks", 1),
    ("spark.stage.tasks.killed", "numKilledTasks", 1),
    ("spark.stage.executor.run_time_ms", "executorRunTime", 1),
    ("spark.stage.executor.cpu_time_ms", "executorCpuTime", NS_PER_MS),
    ("spark.stage.executor.deserialize_time_ms", "executorDeserializeTime", 1),
    ("spark.stage.jvm.gc_time_ms", "jvmGcTime", 1),
    ("spark.stage.input.bytes", "inputBytes", 1),
    ("spark.stage.input.records", "inputRecords", 1),
    ("spark.stage.output.bytes", "outputBytes", 1),
    ("spark.stage.output.records", "outputRecords", 1),
    ("spark.stage.shuffle.read_bytes", "shuffleReadBytes", 1),
    ("spark.stage.shuffle.read_records", "shuffleReadRecords", 1),
    ("spark.stage.shuffle.fetch_wait_time_ms", "shuffleFetchWaitTime", 1),
    ("spark.stage.shuffle.write_bytes", "shuffleWriteBytes", 1),
    ("spark.stage.shuffle.write_records", "shuffleWriteRecords", 1),
    ("spark.stage.memory.spilled_bytes", "memoryBytesSpilled", 1),
    ("spark.stage.disk.spilled_bytes", "diskBytesSpilled", 1),
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
