# SPDX-License-Identifier: Apache-2.0
"""EMR Serverless: applications, and Spark job runs that run for real. ministack has no such service.

What differs from AWS: an application starts and stops at once and never stops by itself; workers, capacity,
images and networks are kept as described; nothing but ``sparkSubmit`` runs.
"""

from __future__ import annotations

from pathlib import Path

from local_cloud import emulator
from local_cloud.emr_serverless.api import Api
from local_cloud.emr_serverless.applications import Applications
from local_cloud.emr_serverless.job_runs import JobRuns
from local_cloud.spark import SparkRuntime

__all__ = ["SERVICE", "Applications", "JobRuns", "install"]

SERVICE = "emr-serverless"


def install(*, runtime: SparkRuntime, directory: Path) -> JobRuns:
    """Add the service to ministack; return its job runs, whose ``applications`` are all there are.

    Parameters
    ----------
    runtime
        The Spark installation.
    directory
        The cloud's temporary directory.
    """
    runs = JobRuns(applications=Applications(), runtime=runtime, directory=directory / "emr")
    emulator.app().SERVICE_HANDLERS[SERVICE] = Api(runs).handle_request
    emulator.core("router").SERVICE_PATTERNS[SERVICE] = {
        "host_patterns": [r"^emr-serverless\."],
        "credential_scope": SERVICE,
    }
    return runs
