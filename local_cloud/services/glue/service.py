# SPDX-License-Identifier: Apache-2.0
"""All job runs of the cloud: start, queue, stop, look up."""

from __future__ import annotations

import contextvars
import logging
import os
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from local_cloud.emulator import ApiError, core
from local_cloud.services.glue.driver import Driver, Outcome
from local_cloud.services.glue.python_modules import PythonModules
from local_cloud.services.glue.run import TERMINAL, JobRun
from local_cloud.services.glue.shell_python import ShellPythons
from local_cloud.services.spark.runtime import SparkRuntime

_log = logging.getLogger("local_cloud.services.glue")
# Drivers at once on this machine. More would only slow each other down; further runs stay in STARTING.
_MAX_DRIVERS = max(1, os.cpu_count() or 1)

ChangeListener = Callable[[JobRun], None]
Precondition = Callable[[JobRun], str | None]  # the error of a run that AWS would not let start


class GlueRuns:
    """The runs of every account and region.

    Parameters
    ----------
    runtime
        The Spark installation.
    directory
        Each run gets a directory of its own in it.
    """

    def __init__(self, *, runtime: SparkRuntime, directory: Path) -> None:
        self._runtime = runtime
        self._directory = directory
        self._modules = PythonModules(directory.with_name("python-modules"), python=runtime.python)
        self._shells = ShellPythons(directory.with_name("shell-python"), home=runtime.home)
        self._runs: dict[tuple[str, str, str], list[JobRun]] = defaultdict(list)
        self._lock = threading.RLock()
        self._drivers = threading.BoundedSemaphore(_MAX_DRIVERS)
        self._client: Any = None
        self.listeners: list[ChangeListener] = []
        self.preconditions: list[Precondition] = []

    def start(self, job: Mapping[str, Any], request: Mapping[str, Any]) -> JobRun:
        """Start a run, or queue it where the job allows that.

        Raises
        ------
        ApiError
            ``ConcurrentRunsExceededException`` when the job has all the runs that it may have at once.
        """
        run = JobRun(job=job, request=request, on_change=self._changed)
        with self._lock:
            runs = self._of(str(job["Name"]))
            full = self._active(runs) >= _limit(job)
            if full and not run.record["JobRunQueuingEnabled"]:
                raise ApiError(
                    "ConcurrentRunsExceededException", f"Concurrent runs exceeded for {job['Name']}"
                )
            runs.append(run)
            if full:
                run.become("WAITING")
            else:
                self._launch(run)
        return run

    def of_job(self, job_name: str) -> list[JobRun]:
        """Return the runs of a job, newest first."""
        with self._lock:
            return list(reversed(self._of(job_name)))

    def get(self, job_name: str, run_id: str) -> JobRun:
        """Return one run.

        Raises
        ------
        ApiError
            ``EntityNotFoundException``.
        """
        for run in self.of_job(job_name):
            if run.id == run_id:
                return run
        raise ApiError("EntityNotFoundException", f"Job Run is not found : {run_id}")

    def stop(self, run: JobRun) -> None:
        """Stop a run; returns at once, the run ends a little later.

        Raises
        ------
        ApiError
            ``InvalidInputException`` when it has ended.
        """
        if run.state in TERMINAL:
            raise ApiError("InvalidInputException", f"Job run {run.id} is in terminal state {run.state}")
        waiting = run.state == "WAITING"
        run.become("STOPPING")
        run.stop_requested.set()
        if waiting:  # no driver will ever see the event
            run.become("STOPPED")

    def forget(self, job_name: str) -> None:
        """Stop and drop all runs of a job that is deleted."""
        for run in self.of_job(job_name):
            if run.state not in TERMINAL:
                self.stop(run)
        with self._lock:
            self._runs.pop(self._key(job_name), None)

    def close(self) -> None:
        """Stop every run and wait for the drivers to end."""
        with self._lock:
            active = [run for runs in self._runs.values() for run in runs if run.state not in TERMINAL]
        for run in active:
            run.stop_requested.set()
        for run in active:
            run.ended.wait(1.0)

    def _key(self, job_name: str) -> tuple[str, str, str]:
        responses = core("responses")
        return responses.get_account_id(), responses.get_region(), job_name

    def _of(self, job_name: str) -> list[JobRun]:
        return self._runs[self._key(job_name)]

    @staticmethod
    def _active(runs: list[JobRun]) -> int:
        return sum(run.state not in TERMINAL and run.state != "WAITING" for run in runs)

    def _launch(self, run: JobRun) -> None:
        context = contextvars.copy_context()  # holds the account and the region
        thread = threading.Thread(
            target=context.run, args=(self._drive, run), daemon=True, name=f"glue-{run.id[:11]}"
        )
        thread.start()

    def _drive(self, run: JobRun) -> None:
        driver = Driver(
            run=run,
            shell=self._shells.of(run.job),
            runtime=self._runtime,
            directory=self._directory / run.id[:11],  # paths end up in Spark's names of jobs
            client=self._s3_client(),
            modules=self._modules,
        )
        try:
            with self._drivers:
                if run.stop_requested.is_set():
                    run.become("STOPPED")
                    return
                refusal = next(filter(None, (check(run) for check in self.preconditions)), None)
                outcome = Outcome(state="FAILED", error=refusal) if refusal else driver.execute()
            driver.remove_files()  # before anyone can know that the run has ended
            run.become(outcome.state, error=outcome.error)
        except Exception as error:
            _log.exception("Glue run %s failed in the local cloud itself", run.id)
            run.become(
                "ERROR",
                error=f"The local cloud failed to run the job: {type(error).__name__} {error}".rstrip(),
            )
        finally:
            driver.remove_files()
            self._start_waiting(str(run.job["Name"]))

    def _start_waiting(self, job_name: str) -> None:
        with self._lock:
            runs = self._of(job_name)
            for run in runs:
                if run.state == "WAITING" and self._active(runs) < _limit(run.job):
                    run.become("STARTING")
                    self._launch(run)

    def _s3_client(self) -> Any:
        with self._lock:
            if self._client is None:
                import boto3

                self._client = boto3.client("s3", endpoint_url=self._runtime.endpoint)
            return self._client

    def _changed(self, run: JobRun) -> None:
        _log.info("Glue run %s of %s: %s", run.id[:11], run.job["Name"], run.state)
        for listener in self.listeners:
            listener(run)


def _limit(job: Mapping[str, Any]) -> int:
    return int((job.get("ExecutionProperty") or {}).get("MaxConcurrentRuns") or 1)
