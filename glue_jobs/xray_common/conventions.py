# SPDX-License-Identifier: Apache-2.0
"""Names of the attributes that OpenTelemetry has no convention for."""

from __future__ import annotations

from typing import Final

# Read by the collector's awsxray exporter: the attributes X-Ray shall index.
ANNOTATION_KEYS: Final = "aws.xray.annotations"  # string list
RESOURCE_PREFIX: Final = "otel.resource."  # written by it: before the attributes of the resource

JOB_NAME: Final = "job_name"
RUN_ID: Final = "run_id"  # of the workflow's run or the execution, on its own segment
PARENT_SOURCE: Final = "xray.parent.source"  # how the parent was found, see propagation.trace_tree
PARENT_API: Final = "xray.parent.api"  # which X-Ray operation answered
SPANS_MADE: Final = "xray.spans.made"
SPANS_DROPPED: Final = "xray.spans.dropped"  # left out on purpose, to stay within X-Ray's limit
VALUES_CUT: Final = "xray.values.truncated"
ANNOTATIONS_DROPPED: Final = "xray.annotations.dropped"  # kept as metadata, not searchable
FAILED_STEP: Final = "xray.step.failed"
TELEMETRY_FAULTS: Final = "xray.telemetry.faults"  # faults of the tracer itself, caught and counted
GLUE_JOB_RUN_ID: Final = "aws.glue.job.run_id"
GLUE_JOB: Final = "aws.glue.job.name"  # Glue's name of the job, which GetJobRun wants
# What the job was deployed with, in GetJobRun's words: workers, or a Python shell job's part of a DPU.
GLUE_WORKER_TYPE: Final = "aws.glue.job.worker_type"
GLUE_NUMBER_OF_WORKERS: Final = "aws.glue.job.number_of_workers"
GLUE_MAX_CAPACITY: Final = "aws.glue.job.max_capacity"
GLUE_EXECUTION_CLASS: Final = "aws.glue.job.execution_class"

# Row counts, of any job: annotations (searchable) or metadata of a segment or step. ``rows_read`` went in;
# ``rows_<outcome>`` came out, for any outcome: the first one goes on to the next job, the others leave the
# flow, ``rows_rejected`` always. ``rejected_by_reason`` says why: a mapping reason -> rows, the same as JSON
# text, or flat as ``rejected_by_reason.<reason>``.
ROWS_PREFIX: Final = "rows_"
ROWS_READ: Final = "rows_read"
ROWS_REJECTED: Final = "rows_rejected"
REJECTED_BY_REASON: Final = "rejected_by_reason"
REJECTED_URI: Final = "rejected_uri"  # where these rows are

# What became of a lazy step, see docs/read-a-trace.md.
STEP_OUTCOME: Final = "spark.step.outcome"
STEP_STAGES: Final = "spark.step.stages"  # ids of the stages that ran it
STEP_INLINED_INTO: Final = "spark.step.inlined_into"
STEP_OUTPUT_ROWS: Final = "spark.step.output.rows"  # of `measure="rows"`
EXECUTED: Final = "executed"
INLINED: Final = "inlined"
ELIMINATED: Final = "eliminated"
UNKNOWN: Final = "unknown"

# What ``xray_common.findings`` has to say of a job: its worst kind is an annotation.
FINDING: Final = "finding"
FINDING_TITLE: Final = "finding.title"
FINDINGS: Final = "findings"  # how many, beside the informative ones

SPARK_TASKS: Final = "spark.tasks"  # of a whole job
SPARK_VERSION: Final = "spark.version"
EXECUTOR_ID: Final = "spark.executor.id"  # of an executor's life, a span beside the job's work
EXECUTOR_CORES: Final = "spark.executor.cores"
EXECUTOR_BUSY_CORES: Final = "spark.executor.busy_cores"
EXECUTOR_TASKS: Final = "spark.executor.tasks"
EXECUTOR_LOST: Final = "spark.executor.lost"
EXECUTOR_REMOVED_REASON: Final = "spark.executor.removed_reason"
EXECUTORS_LOST: Final = "spark.executors.lost"  # of a job
EXECUTOR_RUN_MS: Final = "spark.executor.run_time_ms"  # of all tasks of a job
EXECUTOR_CORE_SECONDS: Final = "spark.executors.core_seconds"  # what the executors offered in the job
DYNAMIC_ALLOCATION: Final = "spark.executors.dynamic_allocation"
TASK_PARTITION: Final = "spark.task.partition"
TASK_WHY: Final = "spark.task.why"
TASK_EXECUTOR: Final = "spark.task.executor.id"
TASK_REASON: Final = "spark.task.reason"
TASK_RUN_MS: Final = "spark.task.run_time_ms"
SPARK_JOB_ID: Final = "spark.job.id"
SQL_EXECUTION_ID: Final = "spark.sql.execution.id"
SQL_JOBS: Final = "spark.sql.jobs"
SQL_CALL_SITE: Final = "spark.sql.call_site"
# Of a long SQL execution: its final plan. Sizes are as Spark shows them, rounded to a tenth of their unit.
PLAN_FINGERPRINT: Final = "spark.sql.plan.fingerprint"
PLAN_SCAN_FILES: Final = "spark.sql.plan.scan.files"
PLAN_SCAN_BYTES: Final = "spark.sql.plan.scan.bytes"
PLAN_SCAN_PARTITIONS: Final = "spark.sql.plan.scan.partitions"
PLAN_UNFILTERED: Final = "spark.sql.plan.scan.unfiltered"  # partitioned tables, filtered by other columns
PLAN_WRITE_FILES: Final = "spark.sql.plan.write.files"
PLAN_WRITE_BYTES: Final = "spark.sql.plan.write.bytes"
PLAN_BROADCAST_BYTES: Final = "spark.sql.plan.broadcast.bytes"  # of the largest
PLAN_CROSS_ROWS: Final = "spark.sql.plan.cross_join.rows"
PLAN_JOIN_SMALL: Final = "spark.sql.plan.join.small_bytes"  # of a sort-merge join: a side to broadcast
PLAN_JOIN_LARGE: Final = "spark.sql.plan.join.large_bytes"
PLAN_PYTHON: Final = "spark.sql.plan.python"  # operators that hand rows to Python
CACHES_UNREAD: Final = "spark.caches.unread"  # of a job: executions that filled a cache for nobody

STAGE_ID: Final = "spark.stage.id"
STAGE_TASKS: Final = "spark.stage.tasks"
STAGE_TASKS_FAILED: Final = "spark.stage.tasks.failed"
STAGE_TASKS_KILLED: Final = "spark.stage.tasks.killed"
STAGE_ATTEMPT: Final = "spark.stage.attempt"
STAGE_RUN_MS: Final = "spark.stage.executor.run_time_ms"
STAGE_CPU_MS: Final = "spark.stage.executor.cpu_time_ms"
STAGE_GC_MS: Final = "spark.stage.jvm.gc_time_ms"
STAGE_FETCH_WAIT_MS: Final = "spark.stage.shuffle.fetch_wait_time_ms"
STAGE_INPUT_BYTES: Final = "spark.stage.input.bytes"
STAGE_OUTPUT_BYTES: Final = "spark.stage.output.bytes"
STAGE_SHUFFLE_READ_BYTES: Final = "spark.stage.shuffle.read_bytes"
STAGE_MEMORY_SPILLED_BYTES: Final = "spark.stage.memory.spilled_bytes"
STAGE_CORES: Final = "spark.stage.cores.available"
STAGE_CORES_USED: Final = "spark.stage.cores.used"
STAGE_INPUT_RECORDS: Final = "spark.stage.input.records"
STAGE_OUTPUT_RECORDS: Final = "spark.stage.output.records"
STAGE_SHUFFLE_READ_RECORDS: Final = "spark.stage.shuffle.read_records"
STAGE_SHUFFLE_WRITE_RECORDS: Final = "spark.stage.shuffle.write_records"
STAGE_DISK_SPILLED_BYTES: Final = "spark.stage.disk.spilled_bytes"
STAGE_TASK_MEDIAN_MS: Final = "spark.stage.task.p50_ms"
STAGE_TASK_MAX_MS: Final = "spark.stage.task.max_ms"
STAGE_SKEW_MS: Final = "spark.stage.skew_time_ms"  # longest task less the median one
STAGE_WAIT_MS: Final = "spark.stage.wait_ms"  # from submission to the first task
STAGE_SCHEDULER_DELAY_MS: Final = "spark.stage.scheduler.delay_ms"
STAGE_EXECUTORS: Final = "spark.stage.executors"
STAGE_SLOWEST_HOST: Final = "spark.stage.executor.slowest.host"
STAGE_SLOWEST_MS: Final = "spark.stage.executor.slowest.task_ms"  # mean time of a task there
STAGE_OTHERS_MS: Final = "spark.stage.executor.others.task_ms"  # mean time of a task elsewhere

# A Python function in one task.
FUNCTION_NAME: Final = "spark.python.function"
FUNCTION_ROWS: Final = "spark.python.rows"
FUNCTION_MS: Final = "spark.python.time_ms"

# Many calls of the AWS SDK in one span.
AWS_CALLS: Final = "aws.calls"
AWS_CALLS_MAX_MS: Final = "aws.calls.max_ms"

# Fields of the log line that counts the Spark tasks of a running job.
TASKS_DONE: Final = "tasks_done"
TASKS_TOTAL: Final = "tasks_total"
