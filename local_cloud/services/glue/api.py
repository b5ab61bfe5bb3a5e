# SPDX-License-Identifier: Apache-2.0
"""Glue's operations on jobs and runs, in place of ministack's."""

from __future__ import annotations

from typing import Any

from local_cloud.emulator import ApiError, Response, service
from local_cloud.services.glue import definitions, operations
from local_cloud.services.glue.operations import Request
from local_cloud.services.glue.service import GlueRuns

_PAGE = 200  # runs per page of GetJobRuns


class GlueApi:
    """The operations, each a function from request to answer.

    Parameters
    ----------
    runs
        The runs that the operations work on.
    """

    def __init__(self, runs: GlueRuns) -> None:
        self._runs = runs

    def install(self) -> None:
        """Replace ministack's operations by these."""
        glue = service("glue")
        for name in ("start_job_run", "get_job_run", "get_job_runs", "batch_stop_job_run"):
            setattr(glue, f"_{name}", operations.answering(getattr(self, name)))
        glue._create_job = operations.answering(definitions.create_job)
        glue._update_job = operations.answering(definitions.update_job)
        delete_job = glue._delete_job

        def delete(request: Request) -> Response:
            self._runs.forget(request.get("JobName", ""))
            response: Response = delete_job(request)
            return response

        glue._delete_job = delete
        operations.add({"ListJobs": _list_jobs, "BatchGetJobs": _batch_get_jobs})

    def start_job_run(self, request: Request) -> dict[str, Any]:
        """StartJobRun."""
        run = self._runs.start(definitions.find(request.get("JobName", "")), request)
        return {"JobRunId": run.id}

    def get_job_run(self, request: Request) -> dict[str, Any]:
        """GetJobRun."""
        definitions.find(request.get("JobName", ""))
        return {"JobRun": self._runs.get(request["JobName"], request.get("RunId", "")).record}

    def get_job_runs(self, request: Request) -> dict[str, Any]:
        """GetJobRuns, newest first."""
        definitions.find(request.get("JobName", ""))
        records = [run.record for run in self._runs.of_job(request["JobName"])]
        start = int(request.get("NextToken") or 0)
        end = start + min(int(request.get("MaxResults") or _PAGE), _PAGE)
        page: dict[str, Any] = {"JobRuns": records[start:end]}
        return page if end >= len(records) else {**page, "NextToken": str(end)}

    def batch_stop_job_run(self, request: Request) -> dict[str, Any]:
        """BatchStopJobRun: what cannot be stopped is listed, the rest is stopped."""
        name = request.get("JobName", "")
        stopped, errors = [], []
        for run_id in request.get("JobRunIds", []):
            try:
                self._runs.stop(self._runs.get(name, run_id))
                stopped.append({"JobName": name, "JobRunId": run_id})
            except ApiError as error:
                detail = {"ErrorCode": error.code, "ErrorMessage": error.message}
                errors.append({"JobName": name, "JobRunId": run_id, "ErrorDetail": detail})
        return {"SuccessfulSubmissions": stopped, "Errors": errors}


def _list_jobs(request: Request) -> dict[str, Any]:
    return {"JobNames": list(service("glue")._jobs)}


def _batch_get_jobs(request: Request) -> dict[str, Any]:
    jobs, names = service("glue")._jobs, request.get("JobNames", [])
    return {
        "Jobs": [jobs[name] for name in names if name in jobs],
        "JobsNotFound": [name for name in names if name not in jobs],
    }
