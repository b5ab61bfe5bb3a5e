# SPDX-License-Identifier: Apache-2.0
"""EMR Serverless: applications, and Spark job runs that run for real. ministack has no such service.

What differs from AWS: an application starts and stops at once and never stops by itself; workers, capacity,
images and networks are kept as described; nothing but ``sparkSubmit`` runs.
"""

from __future__ import annotations

from local_cloud.server.parts import Host
from with_airflow.local.emr_serverless.api import Api
from with_airflow.local.emr_serverless.applications import Applications
from with_airflow.local.emr_serverless.job_runs import JobRuns

__all__ = ["SERVICE", "Applications", "JobRuns", "install"]

SERVICE = "emr-serverless"


def install(host: Host) -> None:
    """Install the service as a part of a cloud."""
    runs = JobRuns(applications=Applications(), runtime=host.runtime, directory=host.directory / "emr")
    host.closing.callback(runs.close)
    host.add_service(SERVICE, Api(runs).handle_request)
    host.add_iam_service(SERVICE, resource_of_path)
    host.add_resource_types(f"{__name__}.resource_type")


def resource_of_path(path: str) -> str | None:
    """Return the application or the run of a path; a run is started on an application.

    Examples
    --------
    >>> resource_of_path("/applications/00f1/jobruns")
    '/applications/00f1'
    """
    parts = path.strip("/").split("/")
    if len(parts) < 2:
        return None
    named = parts[:4] if parts[2:3] == ["jobruns"] and len(parts) > 3 else parts[:2]
    return f"/{'/'.join(named)}"
