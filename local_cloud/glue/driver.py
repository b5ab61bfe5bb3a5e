# SPDX-License-Identifier: Apache-2.0
"""The driver process of one run: bring its files in, start it, watch it, take its output out."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from local_cloud import permissions
from local_cloud.emulator import ApiError, core
from local_cloud.glue import built, logs
from local_cloud.glue.failure import error_message
from local_cloud.glue.run import JobRun
from local_cloud.glue.spark import SparkRuntime

_STOP_GRACE = 10.0  # seconds between SIGTERM and SIGKILL
_CHECK_INTERVAL = 0.05  # seconds between two looks at a process; its end itself is not waited for that long


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a driver ended: the state of its run and the error message."""

    state: str
    error: str = ""


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
        self._runtime = runtime
        self._directory = directory
        self._client = client
        self._credentials: dict[str, str] = {}

    def execute(self) -> Outcome:
        """Run the script to its end and say how it ended."""
        try:
            command, script = self._prepare()
        except ClientError as error:  # the script or one of its modules is not there
            return Outcome(state="FAILED", error=f"LAUNCH ERROR | {error}")
        return self._watch(command, script)

    def remove_files(self) -> None:
        """Remove the directory of the run."""
        shutil.rmtree(self._directory, ignore_errors=True)

    def _prepare(self) -> tuple[list[str], Path]:
        built.build_file_system(
            self._runtime.home, java=self._runtime.java, spark_home=self._runtime.spark_home
        )
        arguments = self._run.arguments
        location = arguments.all.get("--scriptLocation") or self._run.job["Command"]["ScriptLocation"]
        script = self._fetch(location, "job")
        modules = [
            self._fetch(uri, f"files/{index}")
            for index, uri in enumerate(arguments.file_list("--extra-py-files"))
        ]
        temp = self._directory / "tmp"
        temp.mkdir(parents=True, exist_ok=True)
        self._credentials = permissions.session_credentials(str(self._run.job.get("Role", "")), self._run.id)
        job_name = str(self._run.job["Name"])
        warehouse = {"spark.app.name": job_name, "spark.sql.warehouse.dir": (temp / "warehouse").as_uri()}
        command = self._runtime.command(
            script=script,
            modules=modules,
            settings={**warehouse, **self._identity(), **arguments.spark_configuration()},
            arguments=arguments.script_arguments(
                job_name=job_name, job_id=job_id(job_name), run_id=self._run.id
            ),
            temp=temp,
        )
        return command, script

    def _fetch(self, uri: str, folder: str) -> Path:
        """Download an object into a folder of the run, under its own file name."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        target = self._directory / folder / key.rpartition("/")[2]
        target.parent.mkdir(parents=True, exist_ok=True)
        self._client.download_file(bucket, key, str(target))
        return target

    def _watch(self, command: list[str], script: Path) -> Outcome:
        temp = self._directory / "tmp"
        environment = self._runtime.environment(temp=temp, region=core("responses").get_region())
        process = subprocess.Popen(
            command,
            cwd=temp,
            env={**environment, **self._credentials, **self._run.arguments.environment()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # a group of its own, so that a stop reaches the driver's Python as well
        )
        output, error = self._log_streams(process)
        self._run.become("RUNNING")
        ended = self._wait(process)
        kill_group(process.pid)  # what the script left running in the background ends with the run
        text = output.text()
        error.text()
        if ended:
            return ended
        if process.returncode == 0:
            return Outcome(state="SUCCEEDED")
        message = error_message(text, script_name=script.name, exit_code=exit_code(process.returncode))
        return Outcome(state="FAILED", error=message)

    def _identity(self) -> dict[str, str]:
        """Tell Spark's file system in whose name it calls S3: as the job's role, like the job's own code."""
        if not self._credentials:
            return {}
        header = permissions.authorization(self._credentials, region=core("responses").get_region())
        return {"spark.hadoop.fs.s3.local.authorization": header}

    def _log_streams(self, process: subprocess.Popen[bytes]) -> tuple[logs.LogStream, logs.LogStream]:
        prefix = logs.group_prefix(
            self._run.arguments.all,
            security_configuration=self._run.record.get("SecurityConfiguration", ""),
            role=str(self._run.job.get("Role", "")),
        )
        name = self._run.arguments.all.get("--custom-logStream-prefix")
        stream = f"{name}-{self._run.id}" if name else self._run.id
        assert process.stdout and process.stderr  # noqa: S101 - both are pipes
        return (
            logs.LogStream(pipe=process.stdout, group=f"{prefix}/output", stream=stream),
            logs.LogStream(pipe=process.stderr, group=f"{prefix}/error", stream=stream),
        )

    def _wait(self, process: subprocess.Popen[bytes]) -> Outcome | None:
        """Wait for the process; return an outcome when something else than the script ended it."""
        deadline = time.monotonic() + self._run.timeout
        while process.poll() is None:
            if self._run.stop_requested.is_set():
                stop_group(process)
                return Outcome(state="STOPPED")
            if time.monotonic() > deadline:
                stop_group(process)
                return Outcome(state="TIMEOUT", error="Job run exceeded its timeout")
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_CHECK_INTERVAL)
        return None


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


def exit_code(return_code: int) -> int:
    """Return what a shell would report: 128 + N for signal N."""
    return return_code if return_code >= 0 else 128 - return_code


def kill_group(group: int, number: int = signal.SIGKILL) -> None:
    """Send a signal to every process of a group; a group that is gone is no error."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def stop_group(process: subprocess.Popen[bytes], *, clock: Callable[[], float] = time.monotonic) -> None:
    """Ask a process group to end and, after a grace period, end it."""
    kill_group(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_STOP_GRACE)
    kill_group(process.pid)
    process.wait()
