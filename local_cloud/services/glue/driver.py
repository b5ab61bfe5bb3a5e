# SPDX-License-Identifier: Apache-2.0
"""One run of a Glue job on the Spark driver: its arguments in, its state, error message and logs out."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from local_cloud.emulator import ApiError
from local_cloud.process_group import exit_code
from local_cloud.services.glue.failure import error_message
from local_cloud.services.glue.log_groups import group_prefix
from local_cloud.services.glue.run import JobRun
from local_cloud.services.logs.streams import LogStream
from local_cloud.services.spark.driver import Ended, SparkDriver, Submission, watch
from local_cloud.services.spark.runtime import SparkRuntime


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a driver ended: the state of its run and the error message."""

    state: str
    error: str = ""


_CUT_SHORT = {
    Ended.STOPPED: Outcome(state="STOPPED"),
    Ended.TIMED_OUT: Outcome(state="TIMEOUT", error="Job run exceeded its timeout"),
}


class Driver:
    """Runs the script of one job run.

    Parameters
    ----------
    run
        The run; its ``stop_requested`` event stops the driver.
    runtime
        The Spark installation.
    directory
        A directory of this run alone; removed at the end.
    client
        A boto3 S3 client.
    """

    def __init__(self, *, run: JobRun, runtime: SparkRuntime, directory: Path, client: Any) -> None:
        self._run = run
        self._script = run.arguments.all.get("--scriptLocation") or run.job["Command"]["ScriptLocation"]
        self._driver = SparkDriver(self._submission(), runtime=runtime, directory=directory, client=client)

    def execute(self) -> Outcome:
        """Run the script to its end and say how it ended."""
        try:
            process = self._driver.start()
        except ClientError as error:  # the script or one of its modules is not there
            return Outcome(state="FAILED", error=f"LAUNCH ERROR | {error}")
        output, error_log = self._log_streams(process)
        self._run.become("RUNNING")
        ended = watch(process, stop=self._run.stop_requested, timeout_s=self._run.timeout)
        text = output.text()
        error_log.text()
        if ended in _CUT_SHORT:
            return _CUT_SHORT[ended]
        if process.returncode == 0:
            return Outcome(state="SUCCEEDED")
        code, name = exit_code(process.returncode), self._script.rpartition("/")[2]
        return Outcome(state="FAILED", error=error_message(text, script_name=name, exit_code=code))

    def remove_files(self) -> None:
        """Remove the directory of the run."""
        self._driver.remove_files()

    def _submission(self) -> Submission:
        run, arguments, name = self._run, self._run.arguments, str(self._run.job["Name"])
        return Submission(
            name=name,
            script=self._script,
            modules=arguments.file_list("--extra-py-files"),
            arguments=arguments.script_arguments(job_name=name, job_id=job_id(name), run_id=run.id),
            settings=arguments.spark_configuration(),
            role=str(run.job.get("Role", "")),
            session=run.id,
            variables=arguments.environment(),
        )

    def _log_streams(self, process: subprocess.Popen[bytes]) -> tuple[LogStream, LogStream]:
        prefix = group_prefix(
            self._run.arguments.all,
            security_configuration=self._run.record.get("SecurityConfiguration", ""),
            role=str(self._run.job.get("Role", "")),
        )
        name = self._run.arguments.all.get("--custom-logStream-prefix")
        stream = f"{name}-{self._run.id}" if name else self._run.id
        assert process.stdout and process.stderr  # noqa: S101 - both are pipes
        return (
            LogStream(pipe=process.stdout, place=(f"{prefix}/output", stream)),
            LogStream(pipe=process.stderr, place=(f"{prefix}/error", stream)),
        )


def refuse_modules(arguments: dict[str, str]) -> None:
    """Refuse to install Python packages: a run here sees what Glue gives and the job's own files."""
    wanted = arguments.get("--additional-python-modules", "").strip()
    if wanted:
        raise ApiError(
            "InvalidInputException",
            f"--additional-python-modules {wanted!r} is not supported by the local cloud, which installs "
            "nothing; put the modules into a zip file and name it in --extra-py-files.",
        )


def job_id(job_name: str) -> str:
    """Return the ``--JOB_ID`` of a job: the same for every run of it."""
    return "j_" + hashlib.sha256(job_name.encode()).hexdigest()
