# SPDX-License-Identifier: Apache-2.0
"""Names of the attributes that OpenTelemetry has no convention for."""

from __future__ import annotations

from typing import Final

# Read by the collector's awsxray exporter: the attributes X-Ray shall index.
ANNOTATION_KEYS: Final = "aws.xray.annotations"

JOB_NAME: Final = "job_name"
PARENT_SOURCE: Final = "xray.parent.source"  # how the parent was found, see propagation.trace_tree
PARENT_API: Final = "xray.parent.api"  # which X-Ray operation answered
SPANS_MADE: Final = "xray.spans.made"
SPANS_DROPPED: Final = "xray.spans.dropped"  # left out to keep the trace within X-Ray's limit
VALUES_CUT: Final = "xray.values.truncated"
ANNOTATIONS_DROPPED: Final = "xray.annotations.dropped"  # kept as metadata, not searchable
FAILED_STEP: Final = "xray.step.failed"
TELEMETRY_FAULTS: Final = "xray.telemetry.faults"  # faults of the tracer itself, caught and counted
GLUE_JOB_RUN_ID: Final = "aws.glue.job.run_id"
