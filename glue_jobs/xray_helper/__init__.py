# SPDX-License-Identifier: Apache-2.0
"""Traces for AWS Glue, Spark and plain Python jobs, in X-Ray.

Three lines trace a job; its failures, its exit code and its speed stay what they were::

    from xray_helper import step, traced_job

    with traced_job("nightly load"):
        with step("Read Data"):
            ...

Importing this package imports neither OpenTelemetry nor botocore; a job that is not traced never does.
"""

from __future__ import annotations

from xray_helper.api import step, traced_job
from xray_helper.job import Job, current_job
from xray_helper.logs.correlation import JsonLines
from xray_helper.logs.workers import with_log_fields
from xray_helper.metrics.job_metrics import Metrics
from xray_helper.propagation.parent import XRayTrace
from xray_helper.settings import Settings
from xray_helper.step import Step
from xray_helper.udf import traced_apply_in_pandas, traced_map_in_pandas, traced_pandas_udf, traced_udf

__all__ = [
    "Job",
    "JsonLines",
    "Metrics",
    "Settings",
    "Step",
    "XRayTrace",
    "current_job",
    "step",
    "traced_apply_in_pandas",
    "traced_job",
    "traced_map_in_pandas",
    "traced_pandas_udf",
    "traced_udf",
    "with_log_fields",
]
