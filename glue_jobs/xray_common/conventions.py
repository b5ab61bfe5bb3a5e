# SPDX-License-Identifier: Apache-2.0
"""Names of the attributes that OpenTelemetry has no convention for."""

from __future__ import annotations

from typing import Final

# Read by the collector's awsxray exporter: the attributes X-Ray shall index.
ANNOTATION_KEYS: Final = "aws.xray.annotations"

JOB_NAME: Final = "job_name"
RUN_ID: Final = "run_id"  # of the workflow's run or the execution, on its own segment
PARENT_SOURCE: Final = "xray.parent.source"  # how the parent was found, see propagation.trace_tree
PARENT_API: Final = "xray.parent.api"  # which X-Ray operation answered
SPANS_MADE: Final = "xray.spans.made"
SPANS_DROPPED: Final = "xray.spans.dropped"  # left out to keep the trace within X-Ray's limit
VALUES_CUT: Final = "xray.values.truncated"
ANNOTATIONS_DROPPED: Final = "xray.annotations.dropped"  # kept as metadata, not searchable
FAILED_STEP: Final = "xray.step.failed"
TELEMETRY_FAULTS: Final = "xray.telemetry.faults"  # faults of the tracer itself, caught and counted
GLUE_JOB_RUN_ID: Final = "aws.glue.job.run_id"

# Row counts, of any job: annotations (searchable) or metadata of a segment or step. ``rows_read`` went in;
# ``rows_<outcome>`` came out, for any outcome: the first one goes on to the next job, the others leave the
# flow, ``rows_rejected`` always. ``rejected_by_reason`` says why: a mapping reason -> rows, the same as JSON
# text, or flat as ``rejected_by_reason.<reason>``.
ROWS_PREFIX: Final = "rows_"
ROWS_READ: Final = "rows_read"
ROWS_REJECTED: Final = "rows_rejected"
REJECTED_BY_REASON: Final = "rejected_by_reason"

# What became of a lazy step, see docs/read-a-trace.md.
STEP_OUTCOME: Final = "spark.step.outcome"
STEP_STAGES: Final = "spark.step.stages"  # ids of the stages that ran it
STEP_INLINED_INTO: Final = "spark.step.inlined_into"
EXECUTED: Final = "executed"
INLINED: Final = "inlined"
ELIMINATED: Final = "eliminated"
UNKNOWN: Final = "unknown"

SPARK_TASKS: Final = "spark.tasks"  # of a whole job
STAGE_ID: Final = "spark.stage.id"
STAGE_TASKS: Final = "spark.stage.tasks"
STAGE_TASKS_FAILED: Final = "spark.stage.tasks.failed"
STAGE_INPUT_RECORDS: Final = "spark.stage.input.records"
STAGE_OUTPUT_RECORDS: Final = "spark.stage.output.records"
STAGE_SHUFFLE_READ_RECORDS: Final = "spark.stage.shuffle.read_records"
STAGE_SHUFFLE_WRITE_RECORDS: Final = "spark.stage.shuffle.write_records"
STAGE_DISK_SPILLED_BYTES: Final = "spark.stage.disk.spilled_bytes"
STAGE_TASK_MEDIAN_MS: Final = "spark.stage.task.p50_ms"
STAGE_TASK_MAX_MS: Final = "spark.stage.task.max_ms"
STAGE_SKEW_MS: Final = "spark.stage.skew_time_ms"  # longest task less the median one

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
