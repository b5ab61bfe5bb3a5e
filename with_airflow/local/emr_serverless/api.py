# SPDX-License-Identifier: Apache-2.0
"""The service's HTTP interface (rest-json) in the form of a ministack service handler.

Paths and members are those of botocore's service model ``emr-serverless``, version 2021-07-13.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any

from local_cloud.emulator import ApiError, Response, core
from with_airflow.local.emr_serverless.job_run import JobRun
from with_airflow.local.emr_serverless.job_runs import JobRuns

Request = dict[str, Any]
_STATUS = {"ResourceNotFoundException": 404, "ConflictException": 409}
_SUMMARY = ("name", "arn", "state", "stateDetails", "createdAt", "updatedAt", "releaseLabel")


class Api:
    """Answers requests.

    Parameters
    ----------
    runs
        The job runs, which know their applications.
    """

    def __init__(self, runs: JobRuns) -> None:
        self._runs = runs
        self._applications = runs.applications
        one, jobs = r"/applications/(?P<application>[^/]+)", r"/jobruns"
        self._routes: list[tuple[str, re.Pattern[str], Callable[..., Any]]] = [
            (method, re.compile(pattern), operation)
            for method, pattern, operation in (
                ("POST", "/applications", self._create),
                ("GET", "/applications", self._list),
                ("GET", one, self._get),
                ("PATCH", one, self._update),
                ("DELETE", one, self._delete),
                ("POST", f"{one}/start", self._start),
                ("POST", f"{one}/stop", self._stop),
                ("POST", one + jobs, self._start_run),
                ("GET", one + jobs, self._list_runs),
                ("GET", f"{one}{jobs}/(?P<run>[^/]+)", self._get_run),
                ("DELETE", f"{one}{jobs}/(?P<run>[^/]+)", self._cancel_run),
            )
        ]

    async def handle_request(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Response:
        """Answer one request."""
        for known, pattern, operation in self._routes:
            found = pattern.fullmatch(path)
            if known == method and found:
                try:
                    request = json.loads(body or b"{}")
                    answer = await asyncio.to_thread(operation, request, **found.groupdict())
                except ApiError as error:
                    return _respond({"message": error.message}, error.code)
                return _respond(answer)
        return _respond(
            {"message": f"The local cloud has no operation {method} {path}."}, "ValidationException"
        )

    def _create(self, request: Request) -> Request:
        record = self._applications.create(request)
        return {"applicationId": record["applicationId"], "arn": record["arn"], "name": record.get("name")}

    def _list(self, request: Request) -> Request:
        records = self._applications.all()
        return {"applications": [_summary(record, record["applicationId"]) for record in records]}

    def _get(self, request: Request, application: str) -> Request:
        return {"application": self._applications.get(application)}

    def _update(self, request: Request, application: str) -> Request:
        return {"application": self._applications.update(application, request)}

    def _delete(self, request: Request, application: str) -> Request:
        self._applications.delete(application)
        return {}

    def _start(self, request: Request, application: str) -> Request:
        self._applications.enter(application, "STARTED")
        return {}

    def _stop(self, request: Request, application: str) -> Request:
        if any(not run.ended.is_set() for run in self._runs.of_application(application)):
            raise ApiError("ConflictException", f"Application {application} has job runs that are active")
        self._applications.enter(application, "STOPPED")
        return {}

    def _start_run(self, request: Request, application: str) -> Request:
        caller = f"arn:aws:iam::{core('responses').get_account_id()}:root"
        run = self._runs.start(application, request, caller=caller)
        return {"applicationId": application, "jobRunId": run.id, "arn": run.record["arn"]}

    def _list_runs(self, request: Request, application: str) -> Request:
        return {"jobRuns": [_run_summary(run) for run in self._runs.of_application(application)]}

    def _get_run(self, request: Request, application: str, run: str) -> Request:
        return {"jobRun": self._runs.get(application, run).record}

    def _cancel_run(self, request: Request, application: str, run: str) -> Request:
        self._runs.cancel(self._runs.get(application, run))
        return {"applicationId": application, "jobRunId": run}


def _summary(record: Request, identifier: str) -> Request:
    kept = (*_SUMMARY, "type", "architecture")
    return {"id": identifier, **{name: record[name] for name in kept if name in record}}


def _run_summary(run: JobRun) -> Request:
    names = (*_SUMMARY, "applicationId", "createdBy", "mode", "executionRole")
    return {"id": run.id, **{name: run.record[name] for name in names}}


def _respond(answer: Request, code: str = "") -> Response:
    headers = {"Content-Type": "application/json", **({"x-amzn-errortype": code} if code else {})}
    kept = {name: value for name, value in answer.items() if value is not None}
    return (_STATUS.get(code, 400) if code else 200), headers, json.dumps(kept).encode()
