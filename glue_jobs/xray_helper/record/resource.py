# SPDX-License-Identifier: Apache-2.0
"""The job's resource, as OpenTelemetry calls the description of what makes spans."""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from opentelemetry.semconv._incubating.attributes.aws_attributes import AWS_LOG_GROUP_NAMES
from opentelemetry.semconv._incubating.attributes.cloud_attributes import (
    CLOUD_PROVIDER,
    CLOUD_REGION,
    CloudProviderValues,
)
from opentelemetry.semconv.attributes.service_attributes import SERVICE_NAME
from opentelemetry.semconv.attributes.telemetry_attributes import (
    TELEMETRY_SDK_LANGUAGE,
    TELEMETRY_SDK_NAME,
    TELEMETRY_SDK_VERSION,
    TelemetrySdkLanguageValues,
)

from xray_common.conventions import (
    GLUE_EXECUTION_CLASS,
    GLUE_JOB,
    GLUE_JOB_RUN_ID,
    GLUE_MAX_CAPACITY,
    GLUE_NUMBER_OF_WORKERS,
    GLUE_WORKER_TYPE,
)
from xray_common.scrubbing import scrub_document
from xray_helper.settings import Settings


def resource_attributes(settings: Settings) -> dict[str, Any]:
    """Describe the service.

    No ``cloud.platform``: OpenTelemetry has no value for Glue, and a wrong one would put another service's
    icon on the trace map. ``aws.log.group.names`` gives the trace its "view logs" link; Glue 5 writes stdout
    and stderr to ``output``, Spark's log to ``error`` (Glue developer guide, "Logging for AWS Glue jobs").
    """
    described: dict[str, Any] = {
        SERVICE_NAME: settings.job_name,
        TELEMETRY_SDK_NAME: "opentelemetry",
        TELEMETRY_SDK_LANGUAGE: TelemetrySdkLanguageValues.PYTHON.value,
        TELEMETRY_SDK_VERSION: _sdk_version(),
    }
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if settings.job_run_id:
        described[CLOUD_PROVIDER] = CloudProviderValues.AWS.value
        described[GLUE_JOB_RUN_ID] = settings.job_run_id
        described[AWS_LOG_GROUP_NAMES] = list(settings.log_groups) or [
            f"{settings.log_group_prefix}/{name}" for name in ("output", "error")
        ]
        if region:
            described[CLOUD_REGION] = region
    return dict(scrub_document(described))


def deployed_with(settings: Settings) -> dict[str, Any]:
    """Describe what a run of the job is billed for, as attributes of its span: those that somebody said."""
    found = {
        GLUE_JOB: settings.glue_job,
        GLUE_WORKER_TYPE: settings.worker_type,
        GLUE_NUMBER_OF_WORKERS: settings.number_of_workers,
        GLUE_MAX_CAPACITY: settings.max_capacity,
        GLUE_EXECUTION_CLASS: settings.execution_class,
    }
    return {name: value for name, value in found.items() if value is not None}


def _sdk_version() -> str:
    try:
        return version("opentelemetry-sdk")
    except PackageNotFoundError:  # unpacked without its metadata
        return "unknown"
