# SPDX-License-Identifier: Apache-2.0
"""Job definitions as Glue keeps them: CreateJob, UpdateJob and what GetJob shows of them.

UpdateJob replaces the whole definition; what it is not told is gone. GetJob shows the capacity that Glue
computes from the workers, which UpdateJob does not take together with them.
Sources: CreateJob, JobUpdate, Job, AWS Glue Web API Reference.
"""

from __future__ import annotations

import time
from typing import Any, Final

from local_cloud.emulator import ApiError, service
from local_cloud.services.glue.operations import Request
from local_cloud.services.glue.run import dpus, is_python_shell

MEMBERS: Final = (
    "CodeGenConfigurationNodes", "Command", "Connections", "DefaultArguments", "Description",
    "ExecutionClass", "ExecutionProperty", "GlueVersion", "JobMode", "JobRunQueuingEnabled", "LogUri",
    "MaintenanceWindow", "MaxCapacity", "MaxRetries", "NonOverridableArguments", "NotificationProperty",
    "NumberOfWorkers", "Role", "SecurityConfiguration", "SourceControlDetails", "Timeout", "WorkerType",
)  # fmt: skip
_DEFAULTS: Final = {"DefaultArguments": {}, "MaxRetries": 0, "Timeout": 2880, "GlueVersion": "3.0"}
_WORKER_TYPE, _WORKERS = "G.1X", 2  # AWS: ten workers
_SHELL_CAPACITY: Final = 0.0625
_EXISTS, _INVALID = "AlreadyExistsException", "InvalidInputException"


def find(name: str) -> dict[str, Any]:
    """Return a job.

    Raises
    ------
    ApiError
        ``EntityNotFoundException``.
    """
    job: dict[str, Any] | None = service("glue")._jobs.get(name)
    if job is None:
        raise ApiError("EntityNotFoundException", f"Job with name: {name} not found.")
    return job


def create_job(request: Request) -> dict[str, Any]:
    """CreateJob."""
    glue, name = service("glue"), request.get("Name", "")
    if name in glue._jobs:
        raise ApiError(_EXISTS, f"Job with name: {name} already submitted.")
    definition, now = _defined(request), time.time()
    glue._jobs[name] = {"Name": name, **definition, "CreatedOn": now, "LastModifiedOn": now}
    glue._job_runs[name] = []
    if request.get("Tags"):
        glue._tags[glue._arn("job", name)] = dict(request["Tags"])
    return {"Name": name}


def update_job(request: Request) -> dict[str, Any]:
    """UpdateJob: the new definition, and nothing of the one before."""
    name = request.get("JobName", "")
    times = {"CreatedOn": find(name)["CreatedOn"], "LastModifiedOn": time.time()}
    # Another dictionary: runs under way keep the definition that they started with
    service("glue")._jobs[name] = {"Name": name, **_defined(request.get("JobUpdate", {})), **times}
    return {"JobName": name}


def _defined(given: Request) -> dict[str, Any]:
    """Check a definition and return it with what Glue adds."""
    for member in ("Role", "Command"):
        if not given.get(member):
            raise ApiError(_INVALID, f"{member} is required.")
    workers = given.get("WorkerType") or given.get("NumberOfWorkers")
    if workers and given.get("MaxCapacity") is not None:
        raise ApiError(_INVALID, "Please do not set Max Capacity if using Worker Type and Number of Workers.")
    if given.get("AllocatedCapacity") is not None and (workers or given.get("MaxCapacity") is not None):
        raise ApiError(_INVALID, "Please set only one of Allocated Capacity or Max Capacity.")
    # CloudFormation's handler says "" for "not set"
    told = {name: given[name] for name in MEMBERS if given.get(name) not in ("", None)}
    execution = {"ExecutionProperty": {"MaxConcurrentRuns": 1}}
    return {**_DEFAULTS, **execution, **told, **_capacity(given)}


def _capacity(given: Request) -> dict[str, Any]:
    """Return the capacity in all the ways in which GetJob shows it."""
    alone = given.get("MaxCapacity", given.get("AllocatedCapacity"))
    if is_python_shell(given):
        alone = _SHELL_CAPACITY if alone is None else alone
    if alone is not None:
        return {"MaxCapacity": float(alone), "AllocatedCapacity": int(alone)}
    worker_type = given.get("WorkerType") or _WORKER_TYPE
    workers = given.get("NumberOfWorkers") or _WORKERS
    computed = dpus(worker_type, workers)
    return {
        "WorkerType": worker_type,
        "NumberOfWorkers": workers,
        "MaxCapacity": computed,
        "AllocatedCapacity": int(computed),
    }
