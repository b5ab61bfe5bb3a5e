# SPDX-License-Identifier: Apache-2.0
"""All job runs: start, look up, cancel; each on a Spark driver in a thread of its own."""

from __future__ import annotations

import contextvars
import logging
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from local_cloud.emulator import ApiError
from local_cloud.process_group import exit_code
from local_cloud.services.logs.streams import LogStream
from local_cloud.services.spark import SparkRuntime
from local_cloud.services.spark.driver import Ended, SparkDriver, watch
from with_airflow.local.emr_serverless.applications import Applications
from with_airflow.local.emr_serverless.failure import state_details
from with_airflow.local.emr_serverless.job_run import TERMINAL, JobRun

_log = logging.getLogger(__name__)


class JobRuns:
    """The job runs of every application.

    Parameters
    ----------
    applications
        Where they run.
    runtime
        The Spark installation.
    directory
        Each run gets a directory of its own in it.
    """

    def __init__(self, *, applications: Applications, runtime: SparkRuntime, directory: Path) -> None:
        self.applications = applications
        self._runtime = runtime
        self._directory = directory
        self._runs: dict[str, dict[str, JobRun]] = {}
        self._tokens: dict[tuple[str, str], JobRun] = {}
        self._lock = threading.Lock()

    def start(self, application_id: str, request: Mapping[str, Any], *, caller: str) -> JobRun:
        """Start a run; an application that is not started starts by itself.

        The same client token gives the same run.
        """
        application = self.applications.get(application_id)
        key = application_id, str(request["clientToken"])
        with self._lock:
            if key in self._tokens:
                return self._tokens[key]
            run = JobRun(application=application, request=request, caller=caller)
            self._tokens[key] = run
            self._runs.setdefault(application_id, {})[run.id] = run
        self.applications.enter(application_id, "STARTED")
        context = contextvars.copy_context()  # holds the account and the region
        threading.Thread(
            target=context.run, args=(self._drive, run), daemon=True, name=f"emr-{run.id}"
        ).start()
        return run

    def get(self, application_id: str, run_id: str) -> JobRun:
        """Return one run.

        Raises
        ------
        ApiError
            ``ResourceNotFoundException``.
        """
        self.applications.get(application_id)
        run = self._runs.get(application_id, {}).get(run_id)
        if run is None:
            raise ApiError("ResourceNotFoundException", f"Job run {run_id} does not exist")
        return run

    def of_application(self, application_id: str) -> list[JobRun]:
        """Return the runs of an application, newest first."""
        self.applications.get(application_id)
        return list(reversed(self._runs.get(application_id, {}).values()))

    def cancel(self, run: JobRun) -> None:
        """Cancel a run; returns at once, the run ends a little later. One that has ended stays as it is."""
        if run.become("CANCELLING"):
            run.stop_requested.set()

    def close(self) -> None:
        """Stop every run and wait for the drivers to end."""
        active = [run for runs in self._runs.values() for run in runs.values() if run.state not in TERMINAL]
        for run in active:
            run.stop_requested.set()
        for run in active:
            run.ended.wait(1.0)

    def _drive(self, run: JobRun) -> None:
        import boto3

        client = boto3.client("s3", endpoint_url=self._runtime.endpoint)
        driver = SparkDriver(
            run.submission, runtime=self._runtime, directory=self._directory / run.id, client=client
        )
        run.become("SCHEDULED")
        try:
            state, details = self._execute(run, driver)
        except Exception as error:
            _log.exception("EMR Serverless run %s failed in the local cloud itself", run.id)
            state, details = "FAILED", f"The local cloud failed to run the job: {error}"
        driver.remove_files()  # before anyone can know that the run has ended
        run.become(state, details=details)
        _log.info("EMR Serverless run %s: %s %s", run.id, state, details)

    def _execute(self, run: JobRun, driver: SparkDriver) -> tuple[str, str]:
        try:
            process = driver.start()
        except ClientError as error:  # the script or one of its modules is not there
            return "FAILED", f"Could not read the job's files: {error}"
        outputs = [_log_stream(run, process, kind) for kind in ("stdout", "stderr")]
        run.become("RUNNING")
        ended = watch(process, stop=run.stop_requested, timeout_s=run.timeout_s)
        stdout, stderr = (output.text() for output in outputs)
        if ended is not Ended.BY_ITSELF:
            return "CANCELLED", "The job run was cancelled" if ended is Ended.STOPPED else "It timed out"
        if process.returncode == 0:
            return "SUCCESS", ""
        return "FAILED", state_details(stdout + "\n" + stderr, exit_code=exit_code(process.returncode))


def _log_stream(run: JobRun, process: subprocess.Popen[bytes], kind: str) -> LogStream:
    """Copy one output of a driver into its log stream, where the run is logged."""
    pipe = process.stdout if kind == "stdout" else process.stderr
    assert pipe  # noqa: S101 - both are pipes
    place = run.log_place
    return LogStream(pipe=pipe, place=place and (place[0], f"{place[1]}/SPARK_DRIVER/{kind}"))
